"""Turns the rules of a folder into a page for people who are no programmers: what is looked for, and examples."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from archive.words import Topic
from diffing import rules as reading

Entry = Mapping[str, Any]
TITLES = {Topic.AI_TRAINING: "AI training", Topic.CONSENT: "Consent"}
ABOUT = """\
# What is looked for

This page is made from the files in `data/rules` (`smallprint rules > docs/rules.md`); what is written there is what
Smallprint goes by. A rule is tried on each sentence that a change touches, as it was and as it is. It speaks where the
sentence holds one of the phrases under "Says", and the change touches those words or what stands near them.

In a phrase, `a/b` is either word, `train*` any word that begins so, `..` up to three words between, `...` up to twelve,
`^` the beginning of the sentence, and **bold** any phrase of that word group, listed at the end. British and American
spelling, "won't" and "will not", "opt-out" and "opt out" are the same.
"""
WHAT = {
    "permits": "adding it gives the company more freedom",
    "restricts": "adding it gives the company less freedom",
    "restates": "it explains, with no clear direction",
}


def page(folder: Path) -> str:
    """The page, in Markdown. The rules are taken to be in order: diffing.rules.load says what is wrong with them."""
    files = [tomllib.loads(path.read_text("utf-8")) for path in reading.files(folder)]
    rules = [entry for content in files for entry in content.get("rule", ())]
    facts = [entry for content in files for entry in content.get("fact", ())]
    groups = {name: entry for content in files for name, entry in content.get("words", {}).items()}
    lines = [ABOUT]
    for topic, title in TITLES.items():
        lines += [f"## {title}\n", *(_rule(entry) for entry in rules if entry["topic"] == topic)]
    lines += ["## Facts beside a flag\n", *map(_fact, facts)]
    lines += ["## Word groups\n", *(_group(name, entry) for name, entry in sorted(groups.items()))]
    return "\n".join(lines).rstrip() + "\n"


def _rule(entry: Entry) -> str:
    lines = [f"### {entry['id']}\n", f"{entry['finds']}. {_nature(entry)}\n"]
    lines += [f"- {name}: {_phrases(entry[key])}" for key, name in _PHRASES.items() if key in entry]
    return "\n".join([*lines, "", *_examples(entry)])


_PHRASES = {
    "says": "Says",
    "unless": "But not in a sentence that says",
    "apart_from": "Nor where these words are part of",
}


def _nature(entry: Entry) -> str:
    """What kind of rule it is, in words."""
    said = [f"Mechanism: {entry['mechanism']}."] if "mechanism" in entry else []
    said += [f"Effect: {WHAT[entry['effect']]}."] if "effect" in entry else []
    said += ["Only in a passage where another rule of the topic speaks."] if entry.get("beside") else []
    said += ["Not where it is the reader who may or may not do it."] if entry.get("company_only") else []
    return " ".join([*said, f"Score {entry.get('score', 0.8)}."])


def _examples(entry: Entry) -> Iterator[str]:
    """A table of what it finds and what it does not."""
    yield "| found | not found |\n|---|---|"
    found, others = list(entry.get("yes", ())), list(entry.get("no", ()))
    for place in range(max(len(found), len(others))):
        yield f"| {_at(found, place)} | {_at(others, place)} |"
    yield ""


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place].replace("|", "\\|") if place < len(texts) else ""


def _fact(entry: Entry) -> str:
    lines = [f"### {entry['id']}\n", f"{entry['finds']}.\n"]
    stated = entry.get("yes", {})
    lines += ["| sentence | what is kept |\n|---|---|", *(f"| {text} | {value} |" for text, value in stated.items())]
    lines += [f"| {text} | nothing |" for text in entry.get("no", ())]
    return "\n".join([*lines, ""])


def _group(name: str, entry: Entry) -> str:
    return f"- **{name}** — {entry['means']}: {_phrases(entry['phrases'])}"


def _phrases(phrases: Sequence[str]) -> str:
    return "; ".join(re.sub(r"\{([a-z-]+)\}", r"**\1**", phrase.replace("*", "\\*")) for phrase in phrases)
