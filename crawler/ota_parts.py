"""Tells which recorded pages make up a document of several, in which order, and when they are all there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from crawler.declaration import Source

HOUR = 3600  # a recorder looks at all pages of a document within it
PATIENCE = 30 * 86400  # seconds that a document waits for a page: later it joins when it comes, as a new page would


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded page. `part` is what the recorder calls it in a document of several, "" where it is the whole."""

    commit: str
    seconds: int
    service: str
    type: str
    part: str
    media_type: str
    blob: str
    url: str


def looks(records: Sequence[Record]) -> Iterator[list[Record]]:
    """The records of a document by the look that brought them: each page once, within an hour."""
    look: list[Record] = []
    for record in records:
        if look and not _joins(look, record):
            yield look
            look = []
        look.append(record)
    if look:
        yield look


def _joins(look: Sequence[Record], record: Record) -> bool:
    several = bool(record.part) and bool(look[0].part)
    again = any(record.part == other.part for other in look)
    return several and not again and record.seconds - look[0].seconds <= HOUR


class Layout:
    """The pages of one document, as far as its declaration and its history tell."""

    def __init__(self, records: Sequence[Record], sources: Sequence[Source]) -> None:
        """`records` are all that can be believed, by time; `sources` are the declared pages, none where it is not."""
        self._sources = sources
        self._places = _places(records, sources)
        self._firsts: dict[str, int] = {}  # when each page of several was recorded first
        for record in records:
            if record.part:
                self._firsts.setdefault(record.part, record.seconds)
        self._until = min(self._firsts.values(), default=0) + PATIENCE

    def source(self, part: str) -> Source:
        """What the declaration says of a page; where it says nothing, the main content is found."""
        place = self._places.get(part)
        return Source("") if place is None else self._sources[place]

    def number(self, part: str, numbers: Mapping[str, int]) -> int:
        """The page's number in the document beside those given: the one declared if it is free, else the next."""
        taken = {number for other, number in numbers.items() if bool(other) == bool(part)}
        number = self._places.get(part, len(self._sources))
        while number in taken:
            number = max(number + 1, len(self._sources))
        return number

    def made_of(self, present: Collection[str], record: Record) -> list[str]:
        """The pages that make the document when this record has come, in order; none while it waits for others."""
        if not record.part:
            return [""]
        named = sorted((part for part in present if part), key=self._order)
        declared = [part for part in named if part in self._places]
        if declared and len(declared) == len(self._sources):
            return declared
        return named if record.seconds > self._until or self._are_all(named) else []

    def _are_all(self, named: Collection[str]) -> bool:
        """Whether these are the pages of a document that no declaration covers."""
        expected = [part for part, first in self._firsts.items() if first <= self._until]
        return not self._places and len(named) > 1 and set(named) >= set(expected)

    def _order(self, part: str) -> tuple[int, str]:
        return self._places.get(part, len(self._sources)), part


def _places(records: Sequence[Record], sources: Sequence[Source]) -> dict[str, int]:
    """Which page of the declaration a recorded one is. Its newest address counts, for addresses change."""
    places = dict[str, int]()
    for record in reversed(records):
        place = _place(record, sources)
        rivals = {other for part, other in places.items() if bool(part) == bool(record.part)}
        if record.part not in places and place is not None and place not in rivals:
            places[record.part] = place
    return places


def _place(record: Record, sources: Sequence[Source]) -> int | None:
    """By the address, else by the name, which the recorder makes of it."""
    if not record.part and len(sources) == 1:
        return 0
    for told, names in (
        (_address(record.url), [_address(source.fetch) for source in sources]),
        (record.part, [_name(source.fetch) for source in sources]),
    ):
        if told and told in names:
            return names.index(told)
    return None


def _address(url: str) -> str:
    return urldefrag(url).url.partition("://")[2].rstrip("/")


def _name(url: str) -> str:
    return "-".join(part for part in urlsplit(url).path.split("/") if part)
