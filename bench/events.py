"""Measures the flags on whole documents: python bench/events.py [GOLD CORPUS] [--misses]

Each located event of events-dev.jsonl is a real change of a document: both full texts are compared as
`smallprint compare` does, and the flags should quote the event's passage under the right topic. Of
likely-negatives-dev.jsonl, what binds others and what is technical should permit nothing; that list is heuristic. The
texts are Open Terms Archive's, under the Open Data Commons Attribution License; none is part of this project.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from archive.changes import Pending
from archive.places import RULES
from archive.recording import text_hash, word_count
from archive.words import Edit, Effect, Passage, Reading, Topic
from crawler.declaration import Source
from crawler.extraction import extract
from crawler.git_records import Repository, opened
from diffing.flags import read as read_flags
from diffing.readings import Readings
from diffing.rules import Rules, load

SHARED = Path(__file__).parent / "../../shared"
FILES = ("events-dev.jsonl", "likely-negatives-dev.jsonl")
LEAST = 0.95
AI, CONSENT = {Topic.AI_TRAINING}, {Topic.CONSENT}
TOPICS = {
    "training_permitted": AI,
    "promise_added": AI,
    "promise_removed": AI,
    "region_exemption": AI | CONSENT,
    "optout_added": AI | CONSENT,
    "optout_removed": AI | CONSENT,
    "consent_default": AI | CONSENT,
    "deemed_acceptance": CONSENT,
    "other": AI | CONSENT,
}
TELLING = 6  # words from which a sentence of a passage stands for it
INNOCENT = ("restriction_on_others", "technical_upgrade")
Place = dict[str, Any]  # a line of either file
Told = list[tuple[Edit, Reading]]


def main(arguments: list[str]) -> int:
    """Print both figures, and with --misses what is behind them."""
    folders = [Path(a) for a in arguments if not a.startswith("--")] or [SHARED / "gold", SHARED / "corpus"]
    if len(folders) != 2 or not all((folders[0] / name).is_file() for name in FILES) or not folders[1].is_dir():
        print("Give the folder that holds events-dev.jsonl and the one of the corpus.", file=sys.stderr)
        return 2
    told_events(*folders, load(RULES), "--misses" in arguments)
    return 0


def told_events(gold: Path, corpus: Path, rules: Rules, misses: bool) -> None:
    """Print how many events are told, and how many of the likely negatives permit anything."""
    events, negatives = ([json.loads(line) for line in (gold / name).read_text().splitlines()] for name in FILES)
    told = list(_read(events, corpus, rules))
    read = [(place, _is_told(place, told), _is_quoted(place, told)) for place, told in told]
    missed = [place for place, told, _ in read if not told]
    print(f"\nevents: {_share([told for _, told, _ in read])} have a flag in their passage (at least {LEAST}),")
    print(
        f"{_share([quoted for *_, quoted in read])} are quoted by it (a reworded sentence is quoted as it stands now)"
    )
    print("missed by kind:", ", ".join(f"{kind} {n}" for kind, n in Counter(e["kind"] for e in missed).items()))
    innocent = [place for place in negatives if place["kind"] in INNOCENT]
    guilty = [place for place, told in _read(innocent, corpus, rules) if _permits(place, told)]
    print(f"{len(guilty)} of {len(innocent)} likely negatives permit something (the list is not verified)")
    _told_pace([edit for _, changed in told for edit, _ in changed], rules)
    for place in [*missed, *guilty] if misses else ():
        print(f"  {place['kind']}, {place['path']}, {place['date']}, {place['side']}: {place['passage'][:400]}")


def _told_pace(edits: Sequence[Edit], rules: Rules) -> None:
    """Print how fast all that these changes touched is read: mostly passages on other matters, as in any change."""
    texts = [(edit.before, edit.after, edit.heading) for edit in edits if edit.before != edit.after]
    begin = time.process_time()
    for text in texts:
        read_flags(*text, rules)
    seconds = time.process_time() - begin
    size = sum(len(before) + len(after) for before, after, _ in texts) / len(texts)
    print(
        f"{len(texts) / seconds:,.0f} changed passages of real changes a second ({size:.0f} characters each), one core"
    )


def _share(truths: Sequence[bool]) -> str:
    return f"{sum(truths)} of {len(truths)} ({sum(truths) / len(truths):.3f})"


def _read(places: Iterable[Place], corpus: Path, rules: Rules) -> Iterator[tuple[Place, Told]]:
    """Each place with the edits of its change, and what is flagged in them."""
    for collection, some in groupby(sorted(places, key=lambda p: str(p["collection"])), lambda p: p["collection"]):
        with opened(corpus / f"{collection}-versions.bundle") as repository:
            changes = defaultdict[tuple[str, str], list[Place]](list)
            for place in some:
                changes[place["commit"], place["path"]].append(place)
            for (commit, path), standing in changes.items():
                told = _compared(repository, commit, path, rules)
                yield from ((place, told) for place in standing)


def _compared(repository: Repository, commit: str, path: str, rules: Rules) -> Told:
    """What a commit changed in a document, read for meaning. A document that began with it was empty before."""
    with repository.blobs([f"{commit}:{path}", f"{commit}^:{path}"]) as texts:
        after = _passages(next(texts))
        before = _passages(next(texts))
    words = word_count(before), word_count(after)
    seen = "2024-01-01"  # completes dates, which nothing here asks for
    return Readings(rules).of(Pending(0, 1, 2, seen, False, before, after, words, text_hash(after), frozenset()))


def _passages(text: bytes) -> list[Passage]:
    return extract(text, "text/markdown", Source(""))


def _is_told(place: Place, told: Told) -> bool:
    """Whether the edit of the passage has a flag with the right topic."""
    wanted, side = TOPICS[place["kind"]], "after" if place["side"] == "added" else "before"
    flagged = [edit for edit, reading in told if any(flag.topic in wanted for flag in reading.flags)]
    return _is_quoted(place, told) or any(is_within(getattr(edit, side), place["passage"]) for edit in flagged)


def _is_quoted(place: Place, told: Told) -> bool:
    """Whether a flag with the right topic quotes a sentence of the passage."""
    flags = [flag for _, reading in told for flag in reading.flags if flag.topic in TOPICS[place["kind"]]]
    return any(is_within(flag.quote, place["passage"]) for flag in flags)


def _permits(place: Place, told: Told) -> bool:
    """Whether the passage is said to permit anything."""
    flags = [flag for _, reading in told for flag in reading.flags if flag.effect is Effect.PERMITS]
    return any(is_within(flag.quote, place["passage"]) for flag in flags)


def is_within(quote: str, passage: str) -> bool:
    """Whether one holds the other, or a sentence of the passage is in the quote; Markdown and spaces aside."""
    said = f" {_words(quote)} "
    sentences = [words for one in re.split(r"[.;] ", passage) if len(words := _words(one).split()) >= TELLING]
    wanted = [_words(passage), *(" ".join(words) for words in sentences)]
    return any(words and (f" {words} " in said or said in f" {words} ") for words in wanted) and bool(said.strip())


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\]\([^)]*\)", "]", text).lower()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
