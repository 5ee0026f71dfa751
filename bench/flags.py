"""Measures the flags against labelled passages: python bench/flags.py [GOLD] [--errors N]

GOLD is a folder with passages-dev.jsonl, passages-dev2.jsonl and score.py (default ../shared/gold). Prints the scores
of each file and of both, F1 on five folds of the services (by the hash of their names) beside that of a plain keyword
pattern in the same run, passages per second and the memory taken. bench/events.py measures whole documents,
bench/facts.py the facts, bench/labelled.py labels of our own. The passages come from Open Terms Archive, under the Open
Data Commons Attribution License; none is part of this project.
"""

from __future__ import annotations

import hashlib
import json
import re
import resource
import runpy
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import stdev
from typing import Any

from archive.redline import redline
from diffing.flags import as_json, read
from diffing.rules import load

GOLD = Path(__file__).parent / "../../shared/gold"
RULES = Path(__file__).parent / "../data/rules"
FOLDS = 5
FILES = ("passages-dev.jsonl", "passages-dev2.jsonl")
TOPICS = {"ai_training": "alert_ai", "consent": "alert_consent"}
# What one would write in an afternoon; it sees the changed words only.
KEYWORDS = {
    "ai_training": re.compile(
        r"\b(?:re)?train(?:s|ed|ing)?\b.{0,80}\b(?:AI|model|models|machine learning|artificial intelligence)\b"
        r"|\b(?:AI|models?|machine learning|artificial intelligence)\b.{0,80}\btrain(?:s|ed|ing)?\b"
        r"|\bimprov\w+\b.{0,40}\b(?:AI|models|machine learning)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "consent": re.compile(
        r"\bconsent|\bopt(?:ed|ing)?[ -]?(?:out|in)\b|\bwithdraw|\bby using\b|\bcontinued use\b|\bunsubscribe\b"
        r"|\bby default\b",
        re.IGNORECASE,
    ),
}
Passage = dict[str, Any]
Answer = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Run both ways over both files and print what they reach."""
    errors = arguments[arguments.index("--errors") + 1] if "--errors" in arguments else "0"
    folders = [a for a in arguments if not a.startswith("--") and a != errors]
    gold = Path(folders[0]) if folders else GOLD
    missing = [name for name in (*FILES, "score.py") if not (gold / name).is_file()]
    if missing:
        print(f"{gold / missing[0]} is missing: give the folder of the labelled passages as the first argument")
        return 2
    passages = [json.loads(line) for name in FILES for line in (gold / name).read_text().splitlines()]
    answers, seconds = _by_rules(passages)
    _score(gold, answers, errors)
    _compare(passages, answers, _by_keywords(passages))
    size = sum(len(p["before"]) + len(p["after"]) for p in passages) / len(passages)
    print(f"\n{len(passages) / seconds:,.0f} passages a second ({size:.0f} characters each, both sides), one core")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
    return 0


def _by_rules(passages: Iterable[Passage]) -> tuple[dict[str, Answer], float]:
    """What our rules answer, and the processor time of a second run: the first one pays for imports."""
    rules = load(RULES)

    def run() -> dict[str, Answer]:
        return {
            p["id"]: as_json(p["id"], read(p["before"], p["after"], p["heading"], rules, _seen(p))) for p in passages
        }

    run()
    begin = time.process_time()
    return run(), time.process_time() - begin


def _by_keywords(passages: Iterable[Passage]) -> dict[str, Answer]:
    """What the keyword pattern answers."""
    answers = {}
    for p in passages:
        changed = " ".join(s.text for s in redline(p["before"], p["after"]) if s.run != "kept")
        answers[p["id"]] = {topic: {"flagged": bool(found.search(changed))} for topic, found in KEYWORDS.items()}
    return answers


def _score(gold: Path, answers: dict[str, Answer], errors: str) -> None:
    """Let the labels' own script judge each file, and both as one."""
    score = runpy.run_path(str(gold / "score.py"))["main"]
    with tempfile.TemporaryDirectory() as folder:
        got, both = Path(folder) / "got.jsonl", Path(folder) / "both.jsonl"
        got.write_text("\n".join(json.dumps(answer) for answer in answers.values()))
        both.write_text("\n".join((gold / name).read_text().rstrip() for name in FILES))
        for path in (gold / FILES[0], gold / FILES[1], both):
            print(f"\n{path.stem}")
            score([str(got), str(path), "--errors", errors])


def _compare(passages: list[Passage], ours: dict[str, Answer], keywords: dict[str, Answer]) -> None:
    """F1 of both ways, over all passages and over five folds of the services. Nothing is trained: folds are parts."""
    folds = {f"fold {n}": [p for p in passages if _hash(p) % FOLDS == n] for n in range(FOLDS)}
    print(f"\n{'F1':12} {'services':8} {'rules':>6} {'keywords':>9}")
    for topic, label in TOPICS.items():
        for name, some in {"all": passages, **folds}.items():
            print(f"{topic:12} {name:8} {_f1(some, ours, topic, label):6.3f} {_f1(some, keywords, topic, label):9.3f}")
        each = [_f1(some, ours, topic, label) for some in folds.values()]
        print(f"{topic:12} spread   {min(each):.3f} to {max(each):.3f}, deviation {stdev(each):.3f}")


def _f1(passages: Iterable[Passage], answers: dict[str, Answer], topic: str, label: str) -> float:
    right = wrong = 0
    for p in passages:
        want, got = p["label"][label], answers[p["id"]][topic]["flagged"]
        if want != "unsure":
            right += want == "yes" and got
            wrong += (want == "yes") != got
    return 2 * right / (2 * right + wrong) if right else 0.0


def _hash(passage: Passage) -> int:
    return hashlib.sha256(passage["service"].encode()).digest()[-1]


def _seen(passage: Passage) -> date:
    return date.fromisoformat(passage["date"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
