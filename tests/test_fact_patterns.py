"""No text, however long and odd, makes a fact pattern go back and forth: twice the text takes about twice the time."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from diffing.rules import load

RULES = load(Path(__file__).parent.parent / "data" / "rules")
PATTERNS = {f"{fact.id}-{place}": p for fact in RULES.facts for place, p in enumerate(fact.patterns)}
LENGTH = 100_000
UNITS = [
    " ",
    ",",
    "Aa ",
    "EU, EU and ",
    "settings > ",
    "Settings, then “",
    "1",
    "1 (1) days ",
    "not ",
    "not of users in ",
    "use your ",
    "keep for ",
    "é’(",
    "a@a.https://a.",
]
LITERAL = re.compile(r"(?<![\\?<\w])[A-Za-z]{3,20}")
WORTH_TIMING = 0.5  # seconds below which the clock tells nothing
MOST = 10.0  # seconds; a pattern that goes back and forth takes hours


def seconds(pattern: re.Pattern[str], unit: str, length: int) -> float:
    """The processor time of finding everything in a text that repeats the unit."""
    text = (unit * (length // len(unit) + 1))[:length]
    begin = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - begin


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PATTERNS)
def test_time_grows_with_the_text_and_no_faster(name: str) -> None:
    pattern = PATTERNS[name]
    own = LITERAL.findall(pattern.pattern)
    for unit in [*UNITS, f"{' '.join(own[:1])} ", f"{' '.join(own[:4])} "]:
        whole = seconds(pattern, unit, LENGTH)
        assert whole < MOST, unit
        if whole > WORTH_TIMING:
            assert whole < 8 * seconds(pattern, unit, LENGTH // 2), unit


@pytest.mark.parametrize("name", PATTERNS)
def test_every_repetition_has_an_end(name: str) -> None:
    pieces = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", PATTERNS[name].pattern)
    assert not re.search(r"[*+]|\{\d*,\}", pieces)
