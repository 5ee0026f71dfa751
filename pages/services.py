"""Turns where all services stand on a topic into a table: a row a service, a column a position, quotes within."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlite_utils import Database

from archive import feeds, stances
from archive.errors import SmallprintError
from archive.stances import NAMES, POSITIONS, Position, Saying, Stance, Whose
from archive.words import Topic
from pages.serving import Asked, MissingError, Page

ROWS = 150  # services of a page that state something
LONGEST = {Topic.AI_TRAINING: 170, Topic.CONSENT: 66}  # characters of a quote in a cell; of consent there are more
LEAD = 30  # characters before the telling words, where a quote is cut at its beginning
TRAINING = r"\btrain|\bmachine learning|\bmodels?\b|\bAI\b"
TELLING = {  # what a cut quote keeps, by position
    Position.TRAINS: re.compile(TRAINING, re.IGNORECASE),
    Position.NO: re.compile(TRAINING, re.IGNORECASE),
    Position.OPT_OUT: re.compile(
        r"\bopt\w*[- ]?out\b|\bobject\b|\boff\b|\bunsubscribe|\bsettings|\bpreferences", re.IGNORECASE
    ),
    Position.OPT_IN: re.compile(r"\bconsent|\bpermission|\bopt\w*[- ]in\b|\bagree|\bunless\b", re.IGNORECASE),
    Position.DEEMED: re.compile(r"\bagree|\baccept|\bconsent|\backnowledge|\bconstitute", re.IGNORECASE),
    Position.DEFAULT: re.compile(r"\bdefault|\bautomatically|\bunless\b", re.IGNORECASE),
    Position.WITHDRAW: re.compile(r"\bwithdraw|\brevok|\bconsent", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a service says for one position: `shown` are the words of the first saying, cut to fit."""

    position: str
    shown: str
    sayings: Sequence[Saying]


@dataclass(frozen=True, slots=True)
class Row:
    """A service, by its name in addresses too (`slug`), and its cells, one a column; none where it says nothing."""

    name: str
    slug: str
    seen: str
    not_read: str
    cells: Sequence[Cell]

    @property
    def says(self) -> list[str]:
        """The positions that it states."""
        return [cell.position for cell in self.cells if cell.sayings]


@dataclass(frozen=True, slots=True)
class Column:
    """A position: what it is called, and how many services state it."""

    position: str
    name: str
    count: int


def page(db: Database, asked: Asked) -> Page:
    """All services on a topic; `asked` may have its topic and a number of the page, from 1, and a position to state."""
    topic = Topic(asked.get("topic") or Topic.AI_TRAINING)
    wanted = asked.get("position", "")
    if wanted and wanted not in POSITIONS[topic]:
        raise SmallprintError(f"There is no position “{wanted}” here, only {', '.join(POSITIONS[topic])}.")
    rows = _rows(db, topic)
    stated = [row for row in rows if (wanted in row.says if wanted else row.says)]
    number = int(asked.get("page") or 1)
    shown = stated[ROWS * (number - 1) : ROWS * number]
    if not shown and number > 1:
        raise MissingError(f"There is no page {number} of services.")
    silent = [row for row in rows if not row.says]
    return Page("services.html", {
        "topic": str(topic),
        "position": wanted,
        "columns": [Column(one, NAMES[one], sum(one in row.says for row in rows)) for one in POSITIONS[topic]],
        "services": len(rows),
        "rows": shown,
        "unstated": [row for row in silent if not row.not_read],
        "not_read": [row for row in silent if row.not_read],
        "page": number,
        "pages": max(1, -(-len(stated) // ROWS)),
    })  # fmt: skip


def _rows(db: Database, topic: Topic) -> list[Row]:
    """On AI training those that say the gravest first; on consent, where most say all, by name."""
    said, slugs = stances.of_all(db, topic), feeds.slugs(db)
    rows = [_row(whose, slugs[whose.key], said.get(whose.id), topic) for whose in stances.services(db)]
    return sorted(rows, key=_gravity) if topic is Topic.AI_TRAINING else rows


def _gravity(row: Row) -> int:
    return next((place for place, cell in enumerate(row.cells) if cell.sayings), len(row.cells))


def _row(whose: Whose, slug: str, stance: Stance | None, topic: Topic) -> Row:
    said = stance.positions if stance else {}
    cells = [_cell(position, said.get(position, []), LONGEST[topic]) for position in POSITIONS[topic]]
    return Row(whose.name, slug, whose.seen, whose.not_read, cells if said else ())


def _cell(position: Position, sayings: Sequence[Saying], most: int) -> Cell:
    return Cell(str(position), excerpt(sayings[0].quote, position, most) if sayings else "", sayings)


@lru_cache(maxsize=4096)
def excerpt(quote: str, position: Position, most: int) -> str:
    """At most so many characters of a quote, whole words, the telling ones among them; "…" where some are left out."""
    words = " ".join(quote[: 40 * most].split())
    if len(words) <= most:
        return words
    found = TELLING[position].search(words)
    start = _start(words, found.start()) if found and found.end() > most - LEAD else 0
    kept = words[start : start + most]
    cut = kept.rpartition(" ")[0] or kept if start + most < len(words) else kept
    return f"{'…' if start else ''}{cut.rstrip(' ,;:')}{'…' if start + most < len(words) else ''}"


def _start(words: str, telling: int) -> int:
    """Where a word begins that stands a little before the telling words; these, if no other does."""
    start = words.find(" ", max(telling - LEAD, 0)) + 1
    return min(start, telling)
