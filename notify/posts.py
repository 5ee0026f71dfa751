"""Fits a letter into posts of a limited length: a first one with what everyone must read, and replies for the rest."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlsplit

from archive.frames import Frame
from archive.words import Run, Segment
from notify.as_html import is_web
from notify.harmless import JOINER, joined, plain
from notify.letter import Block, Fact, Item, Letter, Line, Quote, marked

MOST = 10  # posts of a thread
PARTS = 4  # posts over which one quote may go on
NUMBERED = len(" (4/4)")

Token = tuple[Run | None, str]  # a word with the space after it: of the page and its run, or our own


@dataclass(frozen=True, slots=True)
class Limit:
    """How many characters a post may have, and how many a link counts; 0: as many as it has."""

    characters: int = 500
    link: int = 0

    def count(self, text: str) -> int:
        """The characters of a text as a server counts them, or more.

        A link counts in full where the server might not take it for one: its host has no name of the public web.
        """
        if not self.link:
            return len(text)
        return len(text) + sum(self.link - len(url) for url in _LINK.findall(text) if _is_public(url))


def posts(letter: Letter, limit: Limit, tags: Sequence[str] = ()) -> list[str]:
    """The texts of the posts, in order, each within the limit; more than one are a thread.

    All words of the letter are there in order, but for what a post says is cut. Words of the page are `plain`; links
    and hashtags are ours alone. Whether the letter is repeated changes nothing here, so that a thread can be gone on
    with: every post leaves room for the mark of `again`.
    """
    return _Fitting(letter, limit, tags).posts()


def again(post: str, frame: Frame) -> str:
    """A post that may have arrived before, with the mark that says so."""
    return f"{frame.say('message', 'repeated')}\n{post}"


@dataclass(frozen=True, slots=True)
class _Part:
    """A text that is not broken; one that stands `apart` has an empty line before and after it."""

    text: str
    apart: bool = False


class _Fitting:
    """One letter on its way into posts."""

    def __init__(self, letter: Letter, limit: Limit, tags: Sequence[str]):
        self.letter, self.frame, self.limit = letter, letter.frame, limit
        self.room = limit.characters - limit.count(again("", self.frame))
        self.title = Line(self._short(_folded(letter.title)))
        self.foot = _Part(self._foot(tags), apart=True)
        self.thread: list[list[_Part]] = [[]]

    def posts(self) -> list[str]:
        below = replace(self.letter, repeated=False).blocks[len(self.letter.lead) :]
        everything = [*map(self._part, (self.title, *self.letter.lead, *below)), self.foot]
        if self._size(everything) <= self.room:
            return [_joined(everything)]
        for block in (self.title, *self.letter.lead):
            self._add(block)
        if len(self.thread) == 1:
            self.thread.append([])
        for block in below:
            self._add(block)
        self.thread[0].append(self.foot)
        return self._bounded([_joined(parts) for parts in self.thread if parts])

    def _add(self, block: Block) -> None:
        """Puts a block into the last post, a new one, or where even that is too short, in parts into several."""
        part = self._part(block)
        size = self.limit.count(part.text)
        if size <= self._space():
            self.thread[-1].append(part)
        elif size <= self.room:
            self.thread.append([part])
        else:
            if self._space() < self.room // 3:
                self.thread.append([])
            first, *others = (_Part(text, part.apart) for text in self._broken(block))
            self.thread[-1].append(first)
            self.thread.extend([other] for other in others)

    def _space(self) -> int:
        """The characters that the last post has left; the first keeps some for its foot."""
        foot = [self.foot] * (len(self.thread) == 1)
        return self.room - self._size([*self.thread[-1], *foot]) - len("\n\n") * (1 + len(foot))

    def _bounded(self, thread: list[str]) -> list[str]:
        """A thread that is too long ends with how much of it is shown, and where to read on."""
        if len(thread) <= MOST:
            return thread
        kept, length = thread[: MOST - 1], sum(map(len, thread))
        cut = self.frame.say("message", "cut", shown=sum(map(len, kept)), length=length)
        name = self.letter.reference
        known = f"{self.frame.say('message', 'reference')}: {plain(name)}" if name else ""
        return [*kept, "\n".join(filter(None, (cut, self._read_on(), known)))]

    def _foot(self, tags: Sequence[str]) -> str:
        """Where to read on, and as many hashtags as have room beside the words."""
        lines, said = self._read_on(), ""
        for tag in tags:
            longer = f"{said} #{tag}".strip()
            if self.limit.count(f"{lines}\n{longer}") <= self.room // 2:
                said = longer
        return "\n".join(filter(None, (lines, said)))

    def _read_on(self) -> str:
        url = self._link(self.letter.url)
        return self.frame.say("message", "read_on", url=url) if url else ""

    def _link(self, url: str) -> str:
        """An address of ours as it is; "" for what is none, or has no room."""
        fits = is_web(url) and not re.search(r"\s", url) and self.limit.count(url) <= self.room // 3
        return url if fits else ""

    def _part(self, block: Block) -> _Part:
        text = _writer(block, self.frame)(list(self._tokens(block)))
        return _Part(text, isinstance(block, Quote) or block is self.title)

    def _broken(self, block: Block) -> list[str]:
        """The text of a block in numbered parts; the last of so many says what is cut."""
        tokens, write = list(self._tokens(block)), _writer(block, self.frame)
        length = _words(tokens)
        cut = " " + self.frame.say("message", "cut", shown=length, length=length)
        texts, left, size = list[str](), tokens, self._space()
        while left and len(texts) < PARTS:
            spare = NUMBERED + len(cut) * (len(texts) == PARTS - 1)
            count = self._most(write, left, size - spare)
            texts.append(write(left[:count]))
            left, size = left[count:], self.room
        if left:
            texts[-1] += " " + self.frame.say("message", "cut", shown=length - _words(left), length=length)
        return [f"{text} ({number}/{len(texts)})" for number, text in enumerate(texts, 1)]

    def _most(self, write: Callable[[Sequence[Token]], str], tokens: Sequence[Token], size: int) -> int:
        """How many tokens fit, one at least."""
        counts = range(1, min(len(tokens), size) + 1)
        return max(1, bisect_left(counts, True, key=lambda count: self.limit.count(write(tokens[:count])) > size))

    def _tokens(self, block: Block) -> Iterator[Token]:
        """What a block says, word by word; the link that it has goes whole."""
        if isinstance(block, Quote):
            yield from _cut(None, f"{self._short(_folded(block.intro))}\n")
            for run, words in joined(block.runs):
                yield from _cut(run, _folded(words))
            return
        text = block.text if isinstance(block, Line) else _folded(block.text)
        name = f"{_folded(block.name)}: " if isinstance(block, Fact) else "• " * isinstance(block, Item)
        url = self._link(block.url)
        if url and text.strip() in (url, ""):
            text = ""
        yield from _cut(None, f"{name}{text}{': ' * bool(url and text)}")
        if url:
            yield None, url

    def _short(self, text: str) -> str:
        """A title or an intro that leaves room for more: of a longer one, the start and the end."""
        half = self.room // 5
        return text if len(text) <= 2 * half else f"{text[:half]} […] {text[-half:]}"

    def _size(self, parts: Sequence[_Part]) -> int:
        return self.limit.count(_joined(parts))


def _writer(block: Block, frame: Frame) -> Callable[[Sequence[Token]], str]:
    """What writes tokens of a block: our words, then the page's in quotation marks, with what came and went marked."""
    whole = isinstance(block, Quote) and block.is_whole

    def write(tokens: Sequence[Token]) -> str:
        own = "".join(text for run, text in tokens if run is None)
        runs = [Segment(run, "".join(text for _, text in some)) for run, some in groupby(tokens, _run) if run]
        if not runs:
            return own.strip()
        ends = [] if whole else [Segment(Run.KEPT, "")]  # a part of them may have come as a whole, the quote did not
        words = marked(Quote("", (*runs, *ends)), frame).strip()
        return f"{own}“{words}”".replace("](", f"]{JOINER}(")

    return write


def _run(token: Token) -> Run | None:
    return token[0]


def _cut(run: Run | None, text: str) -> Iterator[Token]:
    """Words with the space after them; longer ones in pieces."""
    return ((run, word) for word in _WORD.findall(plain(text)))


def _folded(text: str) -> str:
    """Words of a page are one line: the lines of a post are ours."""
    return re.sub(r"\s+", " ", text)


def _words(tokens: Iterable[Token]) -> int:
    return sum(len(text) for _, text in tokens)


def _joined(parts: Sequence[_Part]) -> str:
    """Parts below each other."""
    text, apart = "", False
    for part in filter(lambda part: part.text, parts):
        space = "\n\n" if apart or part.apart else "\n"
        text, apart = f"{text}{space * bool(text)}{part.text}", part.apart
    return text


def _is_public(url: str) -> bool:
    return bool(_PUBLIC.search(urlsplit(url).hostname or "")) if is_web(url) else False


_LINK = re.compile(r"https?://\S+")  # no other than ours: those of a page are broken
_WORD = re.compile(r"\S{1,50}\s*|\s+")
_PUBLIC = re.compile(r"\.(?!(?:example|home|internal|invalid|lan|local|localhost|test)$)[a-z]{2,}$")
