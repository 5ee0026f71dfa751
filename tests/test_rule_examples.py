"""The rules' own examples: each rule finds what it says it finds, and leaves alone what it says it does not."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from archive.places import RULES
from diffing.claims import Reader
from diffing.delta import turns
from diffing.flags import read
from diffing.rules import Rules, load
from diffing.sentences import split
from tests.commands import smallprint

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
FILES = [tomllib.loads(path.read_text("utf-8")) for path in sorted(RULES.glob("*.toml"))]
ENTRIES = [entry for content in FILES for entry in content.get("rule", ())]
FACTS = [entry for content in FILES for entry in content.get("fact", ())]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load(RULES)


def finding(rules: Rules, text: str) -> set[str]:
    """The ids of the rules that speak in a passage that is new."""
    sentences = split(text)
    return {claim.rule.id for claim in Reader(rules, "").changed(turns([], sentences), sentences)}


@pytest.mark.parametrize(("rule", "text"), [(entry["id"], text) for entry in ENTRIES for text in entry["yes"]])
def test_a_rule_finds_its_examples(rules: Rules, rule: str, text: str) -> None:
    assert rule in finding(rules, text)


@pytest.mark.parametrize(("rule", "text"), [(entry["id"], text) for entry in ENTRIES for text in entry["no"]])
def test_a_rule_leaves_its_counterexamples_alone(rules: Rules, rule: str, text: str) -> None:
    assert rule not in finding(rules, text)


def told(rules: Rules, fact: str, text: str) -> list[str]:
    """What is kept of a fact in a passage that is new, seen in September 2024, where it alone is asked for."""
    alone = replace(rules, facts=tuple(one for one in rules.facts if one.id == fact))
    return [one.value for one in read("", text, "", alone, date(2024, 9, 19)).facts]


@pytest.mark.parametrize(
    ("fact", "text", "value"), [(entry["id"], *example) for entry in FACTS for example in entry["yes"].items()]
)
def test_a_fact_is_read_from_its_examples(rules: Rules, fact: str, text: str, value: str) -> None:
    assert told(rules, fact, text) == [value]


@pytest.mark.parametrize(("fact", "text"), [(entry["id"], text) for entry in FACTS for text in entry["no"]])
def test_a_fact_is_not_read_from_its_counterexamples(rules: Rules, fact: str, text: str) -> None:
    assert told(rules, fact, text) == []


def test_every_rule_and_fact_has_an_example_of_either_kind() -> None:
    assert [entry["id"] for entry in ENTRIES + FACTS if not (entry["yes"] and entry["no"])] == []


def test_the_page_is_what_the_command_prints() -> None:
    done = smallprint("rules")
    assert done.returncode == 0
    assert done.stdout == PAGE.read_text("utf-8"), "run `smallprint rules > docs/rules.md`"
    assert all(f"### {entry['id']}\n" in done.stdout for entry in ENTRIES)
