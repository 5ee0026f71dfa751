"""Turns what came instead of a document (a challenge, a dialog, a log-in, an error, a shell) into an outcome with its
evidence.

A wall is short, a document is long. So a page is looked at only where few words were read in it, and a wall is told
only by what it says first, or by what asks for an answer: a document may well mention cookies, a log-in or JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import urlsplit

from archive.errors import ExtractionError
from archive.words import Kind, Outcome, Passage
from crawler import wall_marks as marks
from crawler.decoding import decode, is_html
from crawler.glance import MOST, Glance, glance

SHORT = 300  # words: a refusal has up to 150, a consent dialog up to 300; few documents have less than 100
TINY = 60  # words: what only asks for something
FEW = 15  # words: next to nothing
OPENING = 4  # lines in which a wall says what it is
QUOTED = 80  # characters of the evidence
HTML = frozenset(["text/html", "application/xhtml+xml"])
LONGEST = 300  # characters of a line that are compared
NAME = 5  # words that a site's name has beside the page's in a title
BETWEEN_TITLES = re.compile(r"\s+[-–—·•:]+\s+|\s*[|»]+\s*")
ENDS = re.compile(r"^\W+|[^\w)]+$")
SORRY = re.compile(r"(oops|sorry|uh-oh|whoops|hmm+|(we're|we are) sorry)\W+(but )?(?=\w)")


@dataclass(frozen=True, slots=True)
class Wall:
    """Why a page is no document. `browser` says whether another try with a browser may bring one, `login` that it is
    to be shown after a log-in only."""

    outcome: Outcome
    detail: str
    browser: bool = False
    login: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A page as it came. `asked` is the address it was asked for at, `final` the one that answered."""

    body: bytes
    media_type: str
    encoding: str | None = None
    asked: str = ""
    final: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    """What a verdict is made of."""

    answer: Answer
    seen: Glance
    html: str  # in lower case
    words: int
    titles: tuple[str, ...]  # the parts of the title
    headings: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def opening(self) -> tuple[str, ...]:
        """What it says first; of a page with many words that is only its titles."""
        lines = self.lines[:OPENING] if self.words <= SHORT else ()
        return (*self.titles, *self.headings[:OPENING], *lines)

    def begins(self, starts: re.Pattern[str]) -> str:
        """The line of the opening that begins so, in quotation marks; "" for none."""
        return next((_quoted(line) for line in self.opening if starts.match(_plain(line))), "")

    def entitled(self, titles: re.Pattern[str]) -> str:
        """The line of the opening that says just this; "" for none."""
        return next((_quoted(line) for line in self.opening if _is_whole(line, titles)), "")


def of_page(answer: Answer, found: Sequence[Passage] | ExtractionError) -> Wall | None:
    """The wall that an answer is, or None for a document. `found` are its passages, or why there are none.

    Where there are none, there always is a verdict: if nothing else, that reason.
    """
    error = found if isinstance(found, ExtractionError) else None
    if not isinstance(found, ExtractionError) and _is_long(found):
        return _headed_by_error(found[0].text)
    if answer.media_type not in HTML and not is_html(answer.body):
        return Wall(Outcome.UNEXTRACTABLE, str(error)) if error else None
    page = _page(answer, found)
    verdicts = (_challenge, _refused_region, _error, _login, _consent)
    wall = next((wall for verdict in verdicts if (wall := verdict(page))), None) or _shell(page)
    return wall or (_unread(page, error) if error else None)


def _is_long(found: Sequence[Passage]) -> bool:
    """Whether there are more words than a wall has; a long text is not read to its end."""
    lengths = accumulate(measure([passage.text]) for passage in found)
    return any(length > SHORT for length in lengths)


def measure(lines: Sequence[str]) -> int:
    """How long a text is, in words of English: what is written without spaces is measured by its letters."""
    return sum(max(len(line.split()), len(line.encode(errors="replace")) // 8) for line in lines)


def _page(answer: Answer, found: Sequence[Passage] | ExtractionError) -> _Page:
    text = decode(answer.body, answer.encoding)
    seen = glance(text)
    if isinstance(found, ExtractionError):
        lines, headings = seen.lines, seen.headings
    else:
        lines = tuple(passage.text for passage in found)
        headings = tuple(p.text for p in found if p.kind is Kind.HEADING and p.level < 3)
    return _Page(answer, seen, text[:MOST].lower(), measure(lines), tuple(_parts(seen.title)), headings, lines)


def _parts(title: str) -> Iterator[str]:
    """A title as it stands, and the part beside the site's name: "Page not found | Gantry"."""
    if title:
        yield title
    parts = BETWEEN_TITLES.split(title)
    for place, part in enumerate(parts if len(parts) > 1 else ()):
        if all(len(other.split()) <= NAME for other in parts[:place] + parts[place + 1 :]):
            yield part


def _challenge(page: _Page) -> Wall | None:
    known = [*marks.CHALLENGES] if page.words <= SHORT else []
    known += [*marks.GUARDS] if page.words <= FEW else []
    for mark, name in known:
        if mark in page.html:
            return Wall(Outcome.BLOCKED, f"a bot wall answered ({name}: {mark})", browser=True)
    if marks.HOLDING_HOSTS.search(_host(page.answer.final)):
        return Wall(Outcome.BLOCKED, f"held up at {_host(page.answer.final)}", browser=True)
    words = page.entitled(marks.CHALLENGE_TITLES) or page.begins(marks.CHALLENGE_STARTS)
    return Wall(Outcome.BLOCKED, f"a bot wall answered: {words}", browser=True) if words else None


def _refused_region(page: _Page) -> Wall | None:
    titles = (*page.titles, *page.headings[:1])
    title = next((_quoted(line) for line in titles if _is_whole(line, marks.REGION_TITLES)), "")
    words = title or page.begins(marks.REGION_STARTS)
    return Wall(Outcome.BLOCKED, f"not shown where we are: {words}") if words else None


def _error(page: _Page) -> Wall | None:
    words = page.entitled(marks.ERROR_TITLES) or page.begins(marks.ERROR_STARTS)
    return Wall(Outcome.UNREACHABLE, f"an error page: {words}") if words else None


def _headed_by_error(line: str) -> Wall | None:
    """Of a long page: an error above the site's offers is told by its first line alone."""
    return Wall(Outcome.UNREACHABLE, f"an error page: {_quoted(line)}") if _is_whole(line, marks.ERROR_TITLES) else None


def _login(page: _Page) -> Wall | None:
    """A form alone is none: many pages have one in their header."""
    titles = (*page.titles, *page.headings[:1])
    title = next((_quoted(line) for line in titles if _is_whole(line, marks.LOGIN_TITLES)), "")
    moved = _led_to_login(page.answer)
    if title and (page.seen.asks_password or moved):
        return Wall(Outcome.BLOCKED, f"the page is a log-in form: {title}", login=True)
    if moved and page.words <= SHORT and not title:
        return Wall(Outcome.BLOCKED, f"led to a log-in: {moved}", login=True)
    words = page.begins(marks.LOGIN_STARTS) if page.words <= TINY else ""
    return Wall(Outcome.BLOCKED, f"the page asks for a log-in: {words}", login=True) if words else None


def _led_to_login(answer: Answer) -> str:
    """The address of a log-in that a redirect led to; "" where it led to none, or one was asked for."""
    asked, final = urlsplit(answer.asked), urlsplit(answer.final)
    if not answer.asked or asked[1:3] == final[1:3]:
        return ""
    host = marks.LOGIN_HOSTS.match(final.netloc) and not marks.LOGIN_HOSTS.match(asked.netloc)
    path = marks.LOGIN_PATHS.search(final.path) and not marks.LOGIN_PATHS.search(asked.path)
    return _shown(f"{final.netloc}{final.path}") if host or path else ""


def _consent(page: _Page) -> Wall | None:
    """A dialog that stands alone: it says so first, it can be answered, and no other title stands over a text."""
    host = _host(page.answer.final)
    if marks.CONSENT_HOSTS.match(host) and not marks.CONSENT_HOSTS.match(_host(page.answer.asked)):
        return Wall(Outcome.BLOCKED, f"led to a consent dialog: {host}")
    if page.words > SHORT or not any(_is_whole(button, marks.CONSENT_BUTTONS) for button in page.seen.buttons):
        return None
    if not all(marks.CONSENT_STARTS.match(_plain(heading)) for heading in page.headings):
        return None
    if not all(marks.CONSENT_WORDS.search(line.lower()) for line in page.lines if len(line.split()) > NAME):
        return None
    first = next((line for line in page.lines if marks.CONSENT_STARTS.match(_plain(line))), "")
    return Wall(Outcome.BLOCKED, f"the page holds only a consent dialog: {_quoted(first)}") if first else None


def _shell(page: _Page) -> Wall | None:
    """A page that waits for scripts to fill it."""
    if page.words > TINY:
        return None
    words = page.begins(marks.SCRIPT_STARTS) if page.seen.runs_scripts or page.words <= FEW else ""
    if not words and page.words <= FEW and "javascript" in page.seen.noscript.lower():
        words = _quoted(page.seen.noscript)
    if words:
        return Wall(Outcome.UNEXTRACTABLE, f"the page asks to enable JavaScript: {words}", browser=True)
    waits = page.entitled(marks.WAITING) if page.words <= FEW else ""
    return Wall(Outcome.UNEXTRACTABLE, f"the page only waits: {waits}", browser=True) if waits else None


def _unread(page: _Page, error: ExtractionError) -> Wall:
    """Nothing was read, for the reason given; scripts may bring it where little else is on the page."""
    if page.seen.runs_scripts and page.words <= FEW:
        return Wall(Outcome.UNEXTRACTABLE, f"the page holds next to nothing but scripts: {error}", browser=True)
    return Wall(Outcome.UNEXTRACTABLE, str(error), browser=page.seen.runs_scripts and page.words <= SHORT)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_whole(line: str, pattern: re.Pattern[str]) -> bool:
    plain = _plain(line)
    return bool(pattern.fullmatch(plain) or pattern.fullmatch(SORRY.sub("", plain, count=1)))


def _plain(line: str) -> str:
    """A line as patterns know it: lower case, straight apostrophes, no marks at its ends."""
    return ENDS.sub("", line[:LONGEST].lower().replace("’", "'"))


def _quoted(line: str) -> str:
    return f"“{_shown(line)}”"


def _shown(text: str) -> str:
    """The beginning of a text, fit for one line."""
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1].rstrip()}…"
