"""Turns flagged changes into short cards: the quotes that matter most, as redlines cut short, and how to refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from archive.cards import Card, Flagged, Linked, Stated
from archive.decisions import Sibling
from archive.flagged import Wanted
from archive.labels import chips
from archive.redline import around, segments
from archive.regions import listed, named
from archive.ways_out import addresses
from archive.words import Edit, EditKind, Fact, Run, Segment, Severity, Topic
from pages.excerpts import shortened

QUOTES = 2  # on a card
WAYS = 2  # to refuse
TELLING = 4  # words from which a quote says something by itself; shorter ones are mostly headings
AS_THEY_ARE = (
    *("id", "name", "service", "document", "document_id", "region", "language", "seen_at", "before_seen_at"),
    *("severity", "line", "origin", "others"),
)
RANKS = [*Severity, ""]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that set off flags, under which heading, and whether the page says them now.

    `runs` are the words with what came into them and what went; where all of them came, or went, they are not `marked`.
    """

    words: str
    heading: str
    stands: bool
    marked: bool
    runs: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class WayOut:
    """How to refuse, in the page's words, and the link that stands there; "" for none."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as the page shows it. `left_out` are flagged passages without a quote here; times are ISO-8601 UTC."""

    id: int
    name: str
    service: str
    slug: str
    document: str
    document_id: int
    region: str
    language: str
    seen_at: str
    before_seen_at: str | None
    severity: str
    line: str
    origin: str
    others: Sequence[Sibling]
    chips: Sequence[str]
    quotes: Sequence[Quote]
    left_out: int
    applies: Sequence[str]  # days
    ways: Sequence[WayOut]
    exempt: str  # regions and groups, as people list them


@dataclass(frozen=True, slots=True)
class Chosen:
    """A card with what is shown of it: a flag for each quote, how many more quotes there are, what all is about."""

    card: Card
    flags: tuple[Flagged, ...]
    left_out: int
    chips: tuple[str, ...]
    ways: tuple[Stated, ...]

    @property
    def reworded(self) -> list[int]:
        """The edits whose texts are needed to tell what came and what went."""
        return [one.edit_id for one in self.flags if one.kind is EditKind.CHANGED]


def chosen(card: Card, wanted: Wanted) -> Chosen:
    """What of a change stands on its card: first what was asked for, then the most severe, then AI training."""
    ranked = sorted(card.flags, key=lambda one: _rank(one, wanted))
    flags = _each_once(ranked, lambda one: (one.flag.quote, one.heading, one.flag.side))
    edits = [one.edit_id for one in ranked]
    beside = {edit: edits.index(edit) for edit in edits}
    refusals = sorted(_of("optout", card.facts), key=lambda one: beside.get(one.edit_id, len(edits)))
    ways = _each_once(refusals, lambda one: one.fact.value)
    about = tuple(chips(one.flag for one in ranked))
    return Chosen(card, flags[:QUOTES], len(flags[QUOTES:]), about, ways[:WAYS])


def shown(one: Chosen, texts: Mapping[int, tuple[str, str]], links: Mapping[int, Linked], slug: str) -> Shown:
    """The card; `texts` are those before and after of edits, `links` of the passages in which a refusal is told."""
    card = one.card
    return Shown(
        **{name: getattr(card, name) for name in AS_THEY_ARE},
        slug=slug,
        chips=one.chips,
        quotes=[quote(flagged, *texts.get(flagged.edit_id, ("", ""))) for flagged in one.flags],
        left_out=one.left_out,
        applies=_applies(card),
        ways=[_way(stated.fact, links.get(stated.edit_id), card.url) for stated in one.ways],
        exempt=listed(_exempt(stated.fact for stated in _of("exempt", card.facts))),
    )


def quote(flagged: Flagged, before: str, after: str) -> Quote:
    """The words of a flag, cut short; of a passage that was reworded as its redline has them."""
    flag = flagged.flag
    own, text = (Run.ADDED, after) if flag.side == "after" else (Run.REMOVED, before)
    runs = _runs(flag.quote, own, text, Edit(EditKind.CHANGED, "", before, after))
    marked = len({segment.run for segment in runs}) > 1
    return Quote(flag.quote, flagged.heading.split(" › ")[-1], own is Run.ADDED, marked, shortened(runs, own))


def _rank(one: Flagged, wanted: Wanted) -> tuple[bool, bool, int, bool, float]:
    flag = one.flag
    short = len(flag.quote.split()) < TELLING
    return (not wanted.meets(flag), short, RANKS.index(one.severity), flag.topic is not Topic.AI_TRAINING, -flag.score)


def _each_once(values: Iterable[T], key: Callable[[T], object]) -> tuple[T, ...]:
    """The first of all that have the same key, in their order."""
    found = dict[object, T]()
    for one in values:
        found.setdefault(key(one), one)
    return tuple(found.values())


def _of(kind: str, facts: Iterable[Stated]) -> list[Stated]:
    return [stated for stated in facts if stated.fact.kind == kind]


def _runs(words: str, own: Run, text: str, edit: Edit) -> tuple[Segment, ...]:
    """The redline of words of one side of an edit; where there is none, or they do not stand there, they alone."""
    start = text.find(words)
    if start < 0 or not (edit.before and edit.after):
        return (Segment(own, words),)
    return around(segments(edit), own, start, start + len(words)) or (Segment(own, words),)


def _applies(card: Card) -> list[str]:
    """The days; one that lies more than a year back is not the day of this change."""
    earliest = f"{int(card.seen_at[:4]) - 1}{card.seen_at[4:10]}"
    return sorted({one.fact.value for one in _of("effective", card.facts) if one.fact.value >= earliest})


def _way(fact: Fact, linked: Linked | None, own: str) -> WayOut:
    text, links = linked or Linked(fact.quote, ())
    found = addresses(text, links, [(fact.quote, fact.value)], (own,))
    return WayOut(fact.value, found[0] if found else "")


def _exempt(facts: Iterable[Fact]) -> list[str]:
    """The names of regions; groups in the page's words."""
    return list(dict.fromkeys(name for fact in facts for name in named(fact.codes) or [fact.value]))
