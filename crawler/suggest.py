"""Turns a page and what was read of it into a short CSS selector that reads the same and is likely to last, if any."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from archive.errors import ExtractionError
from archive.words import Passage
from crawler.declaration import Source
from crawler.decoding import decode, is_pdf
from crawler.extraction import extract

NEARLY_THE_SAME = 0.99  # F1 of the words
NEARLY_ALL = 0.97  # of the words that were read must stand in a part worth trying
MOST_TRIED = 6
DEEPEST = 100  # open tags that are looked at
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
DEAD = frozenset(["script", "style", "template", "noscript", "svg"])
LANDMARKS = ("main", "article")
# A name of letters only: digits number things or are part of a hash. It has to say that it holds the text.
NAME = re.compile(r"[a-z]+(?:[-_]{1,2}[a-z]+)*", re.IGNORECASE)
GENERATED = re.compile(
    r"^(?:css|sc|jsx|svelte|emotion|tw)[-_]|(?:__|--)[A-Za-z]*[A-Z]|[bcdfghjklmnpqrstvwxz]{5}", re.ASCII
)
TELLING = re.compile(
    r"content|main|article|policy|terms|legal|privacy|document|body|text|entry|post|prose|markdown|page", re.IGNORECASE
)
TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)([^<>]*)>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""(id|class|role)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+")


def suggest(body: bytes, encoding: str | None, found: Sequence[Passage]) -> str:
    """A selector that reads nearly the words of the passages that were found without one; "" where none does."""
    if is_pdf(body):
        return ""
    wanted = _words(passage.text for passage in found)
    for selector in _candidates(decode(body, encoding), wanted.total())[:MOST_TRIED]:
        try:
            read = extract(body, "text/html", Source("", (selector,)), "", encoding)
        except ExtractionError:
            continue
        if _likeness(_words(passage.text for passage in read), wanted) >= NEARLY_THE_SAME:
            return selector
    return ""


def _candidates(page: str, wanted: int) -> list[str]:
    """Selectors of parts that hold enough words: first what all pages name alike, then the tightest and shortest."""
    enough = {name: words for name, words in _words_by_selector(page).items() if words >= wanted * NEARLY_ALL}
    return sorted(enough, key=lambda name: (_rank(name), enough[name], len(name), name))


def _rank(selector: str) -> int:
    """How well a selector stands changes of the page, the best first."""
    if selector in LANDMARKS:
        return LANDMARKS.index(selector)
    return {"[": 2, "#": 3}.get(selector[0], 4)


def _words_by_selector(page: str) -> Counter[str]:
    """How many words stand inside each part of a page that has a lasting name."""
    found, end = Counter[str](), 0
    open_tags: list[tuple[str, tuple[str, ...]]] = []
    for tag in TAG.finditer(page):
        closing, name = tag[1], tag[2].lower()
        if open_tags and open_tags[-1][0] in DEAD:
            if closing and name == open_tags[-1][0]:
                open_tags.pop()
        else:
            count = len(WORD.findall(page, end, tag.start()))
            found.update(dict.fromkeys({one for _, selectors in open_tags for one in selectors}, count))
            if closing:
                _leave(open_tags, name)
            else:
                _enter(open_tags, name, tag[3])
        end = tag.end()
    return found


def _enter(open_tags: list[tuple[str, tuple[str, ...]]], name: str, attributes: str) -> None:
    if name not in VOID and len(open_tags) < DEEPEST:
        told = {key.lower(): value.strip("\"'") for key, value in ATTRIBUTE.findall(attributes)}
        open_tags.append((name, tuple(_selectors(name, told))))


def _leave(open_tags: list[tuple[str, tuple[str, ...]]], name: str) -> None:
    """Closes the last tag of that name with all that was left open in it."""
    for place in range(len(open_tags) - 1, -1, -1):
        if open_tags[place][0] == name:
            del open_tags[place:]
            return


def _selectors(tag: str, attributes: dict[str, str]) -> Iterable[str]:
    if tag in LANDMARKS:
        yield tag
    if attributes.get("role") == "main":
        yield "[role=main]"
    if _is_lasting(attributes.get("id", "")):
        yield f"#{attributes['id']}"
    for name in attributes.get("class", "").split()[:20]:
        if _is_lasting(name):
            yield f".{name}"


def _is_lasting(name: str) -> bool:
    """Whether a person gave the name, to what holds the text; no tool made it of the page's other contents."""
    return len(name) <= 40 and bool(NAME.fullmatch(name) and TELLING.search(name) and not GENERATED.search(name))


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in WORD.findall(text.lower()))


def _likeness(ours: Counter[str], theirs: Counter[str]) -> float:
    """F1 of two bags of words."""
    return 2 * (ours & theirs).total() / max(1, ours.total() + theirs.total())
