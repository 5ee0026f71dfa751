"""Measures the facts against labelled passages: python bench/facts.py [GOLD] [--errors N]

GOLD is a folder with passages-dev*.jsonl (default ../shared/gold). For each kind that is labelled: how many passages
state it, how many of them are flagged at all (facts are asked beside flags), in how many we tell it, how often our
words are those of the label (F1 of the words at least 0.5, or the same date), and how many passages we tell it in that
are not labelled with it: a label names what its change is about, so these are not all wrong. Once for all services and
once for either half (by the hash of their names); `--errors` shows cases of the even half only. The passages come from
Open Terms Archive, under the Open Data Commons Attribution License; none is part of this project.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from archive.words import Reading
from diffing.flags import read
from diffing.rules import Rules, load

GOLD = Path(__file__).parent / "../../shared/gold"
RULES = Path(__file__).parent / "../data/rules"
KINDS = ("effective", "optout", "exempt", "not_retroactive", "third_party", "data")
HALVES = {"all": (0, 1), "even": (0,), "odd": (1,)}
ALIKE = 0.5
WORD = re.compile(r"\w+")
Passage = dict[str, Any]
Told = tuple[Passage, Reading]


def main(arguments: list[str]) -> int:
    """Read every passage and print a table for all services and for either half."""
    errors = int(arguments[arguments.index("--errors") + 1]) if "--errors" in arguments else 0
    folders = [a for a in arguments if not a.startswith("--") and a != str(errors)]
    gold = Path(folders[0]) if folders else GOLD
    files = sorted(gold.glob("passages-dev*.jsonl"))
    if not files:
        print(
            f"{gold / 'passages-dev.jsonl'} is missing: give the folder of the labelled passages as the first argument"
        )
        return 2
    passages = [json.loads(line) for path in files for line in path.read_text().splitlines()]
    told = _told(passages, load(RULES))
    for name, half in HALVES.items():
        _table(name, [(p, reading) for p, reading in told if _half(p) in half])
    for kind in KINDS if errors else ():
        _cases(kind, [(p, reading) for p, reading in told if _half(p) == 0], errors)
    return 0


def _told(passages: Sequence[Passage], rules: Rules) -> list[Told]:
    return [(p, read(p["before"], p["after"], p["heading"], rules, date.fromisoformat(p["date"]))) for p in passages]


def _table(name: str, told: Sequence[Told]) -> None:
    print(f"\n{name + ' services':16} labelled flagged  told alike  told without a label")
    for kind in KINDS:
        labelled = [(p["label"]["facts"][kind], reading) for p, reading in told if p["label"]["facts"].get(kind)]
        flagged = sum(bool(reading.flags) for _, reading in labelled)
        found = [(label, values) for label, reading in labelled if (values := _values(reading, kind))]
        alike = sum(_alike(label, values) for label, values in found)
        beside = sum(bool(_values(r, kind)) for p, r in told if not p["label"]["facts"].get(kind))
        print(f"{kind:16} {len(labelled):8} {flagged:7} {len(found):5} {alike:5} {beside:21}")


def _cases(kind: str, told: Sequence[Told], errors: int) -> None:
    """The first cases in which label and fact differ."""
    for p, reading in told:
        label, values = p["label"]["facts"].get(kind), _values(reading, kind)
        if (label or values) and not (label and values and _alike(label, values)) and (errors := errors - 1) >= 0:
            print(
                f"\n{kind} {p['id']} {p['service']}: labelled {label!r}, told {values!r}\n  {p['after'] or p['before']}"
            )


def _values(reading: Reading, kind: str) -> list[str]:
    return [fact.value for fact in reading.facts if fact.kind == kind]


def _alike(label: str | bool, values: Sequence[str]) -> bool:
    """Whether the values together are what was labelled."""
    if label is True:
        return bool(values)
    ours, theirs = (Counter(WORD.findall(text.lower())) for text in (" ".join(values), str(label)))
    common = (ours & theirs).total()
    return 2 * common >= ALIKE * (ours.total() + theirs.total())


def _half(passage: Passage) -> int:
    return hashlib.sha256(passage["service"].encode()).digest()[-1] % 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
