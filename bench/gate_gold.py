"""Holds the pushes of replayed archives against labelled events, flips and whole changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from events import TOPICS, is_within
from sqlite_utils import Database

from archive import store
from archive.edits import edits_of
from archive.placements import text_of
from archive.rows import Row, one
from archive.words import Edit, Reading
from diffing.news import item_of

SOON = timedelta(hours=26)
SHORT = timedelta(hours=25)
LATER = timedelta(days=7)  # so long after it was first seen, another version may tell an event
Place = dict[str, Any]  # a line of a file of labels


@dataclass(frozen=True)
class Case:
    """A labelled place with the change of its commit: `row` is None where the commit made no version."""

    place: Place
    db: Database
    row: Row | None

    @property
    def is_pushed(self) -> bool:
        """Whether anybody was told of the change."""
        return self.row is not None and self.row["decision"] == "push"

    @property
    def why(self) -> str:
        """What was decided about it, and why."""
        return f"{self.row['decision']}: {self.row['reason']}" if self.row else "the commit made no version"

    @property
    def name(self) -> str:
        """Where it is."""
        return f"{self.place['path']}, {self.place['date']}"

    def tells(self, change: int) -> bool:
        """Whether the news of a change are the passage of this place, on its topic."""
        return any(self._is_meant(edit, reading) for edit, reading in news_of(self.db, change))

    def words(self, change: int) -> set[tuple[bool, str]]:
        """What a push tells of this passage: whether it came, and its words."""
        meant = (pair for pair in news_of(self.db, change) if self._is_meant(*pair))
        return {(item.came, item.text) for pair in meant if (item := item_of(0, *pair))}

    def pushes(self) -> Iterator[Row]:
        """The pushes of the document, oldest first."""
        if self.row:
            yield from self.db.query(_PUSHES, (self.row["document_id"],))

    def is_first(self) -> bool:
        """Whether the version is the first of its document that shows the passage."""
        assert self.row
        earlier = self.db.query(_EARLIER, (self.row["document_id"], self.row["after_version_id"]))
        texts = (passage.text for row in list(earlier) for passage in text_of(self.db, row["id"]))
        return not any(is_within(text, self.place["passage"]) for text in texts)

    def _is_meant(self, edit: Edit, reading: Reading) -> bool:
        side = edit.after if self.place["side"] == "added" else edit.before
        wanted = TOPICS.get(self.place["kind"], set())
        flags = [flag for flag in reading.flags if not wanted or flag.topic in wanted]
        return any(is_within(flag.quote, self.place["passage"]) for flag in flags) or (
            bool(flags) and is_within(side, self.place["passage"])
        )


def told_events(archives: dict[str, Path], gold: Path) -> None:
    """Print how many of the located events were pushed, and how soon; those that were not, with the reason."""
    for name, places in labels(gold, "events"):
        told, soon, missed = 0, 0, list[str]()
        for case in cases(archives, places):
            at = when_told(case)
            told, soon = told + bool(at), soon + bool(at and case.row and at - moment(case.row["seen_at"]) <= SOON)
            missed += [] if at else [f"{case.name}, {case.place['kind']}: {case.why}{brief(case)}"]
        print(
            f"{name}: {share(told, len(places))} pushed (at least 0.97), {share(soon, len(places))} within 26 h (0.90)"
        )
        print(*(f"  not pushed: {line}" for line in missed), "", sep="\n")


def when_told(case: Case) -> datetime | None:
    """When people were told of an event: with its change, or, where its words stood here earlier, when they came."""
    if case.is_pushed and case.row and case.tells(case.row["id"]):
        return moment(case.row["decided_at"])
    for push in case.pushes():
        if case.row and push["seen_at"] < written(case, LATER) and case.tells(push["id"]):
            return moment(push["decided_at"])
    return None


def written(case: Case, later: timedelta) -> str:
    """So long after the version of a place was seen, as the archive writes times."""
    assert case.row
    return (moment(case.row["seen_at"]) + later).strftime("%Y-%m-%dT%H:%M:%SZ")


def brief(case: Case) -> str:
    """Says of a version that it was short and never came back."""
    row = case.row and one(case.db, _LASTED, case.row["after_version_id"])
    if not row or not row["next"] or moment(row["next"]) - moment(row["seen_at"]) >= SHORT or row["again"]:
        return ""
    return " (it stood for less than 25 h and never came back)"


def told_flips(archives: dict[str, Path], gold: Path) -> None:
    """Print how many flips were pushed after their passage was first seen."""
    for name, places in labels(gold, "likely-negatives"):
        flips = [place for place in places if place["kind"] == "flap_or_variant"]
        technical = [place for place in places if place["kind"] == "technical_upgrade"]
        found = [flip for case in cases(archives, flips) if (flip := flip_of(case))]
        again = [line for line, is_again in found if is_again]
        print(f"{name}: {share(len(again), len(flips))} of the flips tell what was told before (at most 0.03);")
        print(f"  {share(len(found), len(flips))} tell anything of a passage after it was first seen:")
        print(*(f"  {'again' if is_again else 'first time'}: {line}" for line, is_again in found), sep="\n")
        pushed = [case for case in cases(archives, technical) if case.is_pushed]
        print(f"  {share(len(pushed), len(technical))} of the technical ones were pushed\n")


def flip_of(case: Case) -> tuple[str, bool] | None:
    """A flip pushed after its passage was first seen, and whether the same was told before; None for all others."""
    if not case.row or not case.is_pushed or not case.tells(case.row["id"]):
        return None
    if case.place["side"] == "added" and case.is_first():
        return None
    earlier = [push["id"] for push in case.pushes() if push["seen_at"] < case.row["seen_at"]]
    before = {words for push in earlier for words in case.words(push)}
    return f"{case.name}, {case.place['side']}: {case.why}", bool(before & case.words(case.row["id"]))


def told_natural(archives: dict[str, Path], gold: Path) -> None:
    """Print how many of the whole changes drawn at random were pushed, by what they should be."""
    for name, places in labels(gold, "natural"):
        found = list(cases(archives, places))
        for label, wanted in (("no", False), ("yes", True), ("unsure", None)):
            these = [case for case in found if case.place["push"] == label]
            wrong = [case for case in these if wanted is not None and case.is_pushed is not wanted]
            print(f"{name}: {sum(case.is_pushed for case in these)} of {len(these)} labelled {label!r} are pushed")
            print(*(f"  {case.name}: {case.place['why']}: {case.why}" for case in wrong), sep="\n" if wrong else "")


def labels(gold: Path, kind: str) -> Iterator[tuple[str, list[Place]]]:
    """The files of labels of a kind, each by its name."""
    for file in sorted(gold.glob(f"{kind}*.jsonl")):
        yield file.stem, [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def cases(archives: dict[str, Path], places: Sequence[Place]) -> Iterator[Case]:
    """Each place with its change, as long as it is looked at."""
    for collection in dict.fromkeys(place["collection"] for place in places):
        with store.reading(archives[collection]) as db:
            for place in places:
                if place["collection"] == collection:
                    yield Case(place, db, one(db, _CHANGE, place["commit"]))


def news_of(db: Database, change: int) -> list[tuple[Edit, Reading]]:
    """The edits that a push tells."""
    places = {place for (place,) in db.conn.execute(_NEWS, (change,))}
    return [pair for n, pair in enumerate(edits_of(db, change)) if n in places]


def share(some: int, of: int) -> str:
    """A number of cases with its share."""
    return f"{some} of {of} ({some / max(1, of):.3f})"


def moment(text: str) -> datetime:
    """A time of the archive."""
    return datetime.fromisoformat(text)


_CHANGE = """SELECT changes.*, seen_at FROM fetches JOIN version_fetches ON fetch_id = fetches.id
             JOIN versions ON versions.id = version_id JOIN changes ON after_version_id = version_id
             WHERE origin_id = ?"""
_PUSHES = """SELECT changes.*, seen_at FROM changes JOIN versions ON versions.id = after_version_id
             WHERE changes.document_id = ? AND decision = 'push' ORDER BY changes.id"""
_EARLIER = "SELECT id FROM versions WHERE document_id = ? AND id < ?"
_NEWS = "SELECT place FROM change_edits WHERE change_id = ? AND news = 1"
_LASTED = """
SELECT seen_at, (SELECT min(seen_at) FROM versions later WHERE later.document_id = this.document_id
                 AND later.id > this.id) AS next,
       EXISTS (SELECT 1 FROM versions later WHERE later.document_id = this.document_id
               AND later.id > this.id AND later.text_hash = this.text_hash) AS again
FROM versions this WHERE id = ?"""
