"""Measures the flags against labels of our own: python bench/labelled.py ARCHIVE

ARCHIVE has taken in the five bundles of the corpus (`smallprint import ota-versions`). bench/labels.tsv holds what we
labelled by the rubric of the labelled passages: the first half of the SHA-256 of an edit's texts and heading stands for
it, and its round. Each round was labelled before the rules had been tried on it and read by us afterwards, so a round's
first score told what passages nobody had read would give; what is printed now is what they give since. The texts are
Open Terms Archive's, under the Open Data Commons Attribution License; none is part of this project.
"""

from __future__ import annotations

import csv
import hashlib
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from archive.places import RULES
from archive.words import Reading, Topic
from diffing.flags import read
from diffing.rules import load

LABELS = Path(__file__).parent / "labels.tsv"
KEYS = {Topic.AI_TRAINING: "alert_ai", Topic.CONSENT: "alert_consent"}
EDITS = """SELECT coalesce(before.text, ''), coalesce(after.text, ''), path FROM edits
JOIN headings ON headings.id = heading_id
LEFT JOIN passages before ON before.id = before_passage_id LEFT JOIN passages after ON after.id = after_passage_id
WHERE kind IN ('added', 'removed', 'changed')"""
Label = dict[str, str]


def main(arguments: list[str]) -> int:
    """Print F1 of each round."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        print("Give an archive that has taken in the versions bundles of the corpus.", file=sys.stderr)
        return 2
    with LABELS.open(encoding="utf-8", newline="") as file:
        labels = {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}
    found = dict(_readings(Path(arguments[0]), labels))
    print(f"{len(found)} of {len(labels)} labelled edits are in the archive")
    rounds = defaultdict[str, list[tuple[Label, Reading]]](list)
    for key, reading in found.items():
        rounds[labels[key]["round"]].append((labels[key], reading))
    for name, some in sorted(rounds.items()):
        print(f"round {name}: " + ", ".join(f"{topic} {_scored(some, topic)}" for topic in Topic))
    return 0


def _readings(archive: Path, labels: dict[str, Label]) -> Iterator[tuple[str, Reading]]:
    """Each labelled edit that is in the archive, read by the rules."""
    rules = load(RULES)
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        for before, after, heading in connection.execute(EDITS):
            key = hashlib.sha256(f"{before}\0{after}{heading}".encode()).hexdigest()[:12]
            if key in labels:
                yield key, read(before, after, heading, rules)


def _scored(some: list[tuple[Label, Reading]], topic: Topic) -> str:
    """Precision, recall and F1 on what is labelled yes or no."""
    sure = [(label[KEYS[topic]] == "yes", reading) for label, reading in some if label[KEYS[topic]] != "unsure"]
    told = [(wanted, any(flag.topic is topic for flag in reading.flags)) for wanted, reading in sure]
    right, false = sum(w and t for w, t in told), sum(t and not w for w, t in told)
    missed = sum(w and not t for w, t in told)
    rates = (
        right / max(right + false, 1),
        right / max(right + missed, 1),
        2 * right / max(2 * right + false + missed, 1),
    )
    return "P {:.3f} R {:.3f} F1 {:.3f}".format(*rates) + f" ({right + missed} of {len(told)})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
