"""Turns a folder of TOML files (word groups, rules, fact patterns) into checked, frozen rules.

What each key means to the person who writes them stands in data/rules/README.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from archive import languages, positions
from archive.errors import RuleError
from archive.words import Effect, Mechanism, Topic
from diffing import checks as check
from diffing.lexicon import Lexicon
from diffing.phrases import Phrases, compile_phrase
from diffing.screen import Screen

FACTS = ("effective", "optout", "exempt", "not_retroactive", "third_party", "data", "retention", "sharing")
BUILT_IN = (
    "company-acts", "user-acts", "negation", "no-promise", "permission", "choice", "not-refused", "exception",
    "exempting", "hedge", "joining", "data", "filler", "exchanged", "weighty", "disputes",
)  # fmt: skip
OTHERS = (languages.FILE, positions.FILE)  # what lies in the folder and is no rule
TABLES = {"words", "rule", "fact", "pieces"}
WORDS_KEYS = {"means", "phrases"}
PIECE = re.compile(r"<([a-z]+)>")
NOTHING = Phrases(())


@dataclass(frozen=True, slots=True)
class Rule:
    """What a flag is made of: a sentence says one of `says`, outside of `apart_from`, and none of `unless`.

    `effect` is what adding it does; without one, a negation decides. `beside` rules count only in a passage that
    another rule of the topic finds. `margin` is how near a changed word must stand.
    """

    id: str
    topic: Topic
    finds: str
    says: Phrases
    unless: Phrases = NOTHING
    apart_from: Phrases = NOTHING
    mechanism: Mechanism | None = None
    effect: Effect | None = None
    score: float = 0.8
    beside: bool = False
    margin: int = 6
    company_only: bool = False


@dataclass(frozen=True, slots=True)
class FactRule:
    """What a fact is read from: regular expressions with a group called `value`, in a sentence that says one of `near`
    and holds one of `signs`: plain texts in lower case.

    It is asked for beside a flag, that of `topic` if one is given; without any flag only where `flagged` is false.
    Where `fresh` is true, only sentences that came or were reworded are asked, and what they stated before is no fact.
    """

    id: str
    kind: str
    finds: str
    patterns: tuple[re.Pattern[str], ...]
    topic: Topic | None = None
    near: Phrases = NOTHING
    signs: tuple[str, ...] = ()
    flagged: bool = True
    fresh: bool = False


EXAMPLES = {"yes", "no"}  # read by the tests and for docs/rules.md
RULE_KEYS = {field.name for field in fields(Rule)} | EXAMPLES
FACT_KEYS = {field.name for field in fields(FactRule)} | EXAMPLES


@dataclass(frozen=True, eq=False)
class Rules:
    """All rules of a folder, and the lexicon of their words. Told apart by who they are: they are the key of caches."""

    rules: tuple[Rule, ...]
    facts: tuple[FactRule, ...]
    lexicon: Lexicon
    languages: languages.Languages

    @cached_property
    def screen(self) -> Screen:
        """Tells where a rule may speak, or a fact be told without a flag."""
        said = [rule.says for rule in self.rules] + [fact.near for fact in self.unflagged]
        return Screen(self.lexicon, [*said, self.lexicon.groups["disputes"]])

    @cached_property
    def says(self) -> int:
        """The screen's bits of what the rules say."""
        return self.screen.bits(rule.says for rule in self.rules)

    @cached_property
    def alone(self) -> int:
        """The screen's bits of what makes a flag or a fact without another rule beside it."""
        return self.screen.bits(rule.says for rule in self.rules if not rule.beside) | self.near

    @cached_property
    def near(self) -> int:
        """The screen's bits of what tells a fact without a flag."""
        return self.screen.bits(fact.near for fact in self.unflagged)

    def needs_words(self, headed: Set[Topic]) -> bool:
        """Whether what stands `alone` is needed to find anything, under a heading that speaks of these topics."""
        return headed.isdisjoint(self._leaning) and all(fact.near.all for fact in self.unflagged)

    @cached_property
    def _leaning(self) -> frozenset[Topic]:
        """The topics of what counts where a heading speaks of the topic."""
        beside = [rule.topic for rule in self.rules if rule.beside]
        return frozenset(beside + [fact.topic for fact in self.facts if fact.topic])

    @cached_property
    def unflagged(self) -> list[FactRule]:
        """The facts that are told without any flag."""
        return [fact for fact in self.facts if not fact.flagged and fact.topic is None]


def load(folder: Path) -> Rules:
    """Read and check every *.toml of the folder; RuleError names the file and the rule in one line."""
    paths = files(folder)
    if not paths:
        raise RuleError(f"{folder}: no rules here, expected *.toml files")
    groups: dict[str, Phrases] = {}
    rules: list[Rule] = []
    facts: list[FactRule] = []
    where: dict[str, str] = {}
    for path in paths:
        content = _parse(path)
        for name, entry in _table(content, "words", path).items():
            _once(where, f"words.{name}", path.name)
            groups[name] = _group(entry, f"{path.name}: words.{name}")
        pieces = _pieces(content, path)
        for entry in _list(content, "rule", path):
            rules.append(_rule(entry, path.name))
            _once(where, rules[-1].id, path.name)
        for entry in _list(content, "fact", path):
            facts.append(_fact(entry, path.name, pieces))
            _once(where, facts[-1].id, path.name)
    _check_groups(groups, rules, facts, where, folder)
    phrases = [phrases for rule in rules for phrases in (rule.says, rule.unless, rule.apart_from)]
    phrases += [fact.near for fact in facts]
    return Rules(tuple(rules), tuple(facts), Lexicon(groups, phrases), languages.load(folder))


def files(folder: Path) -> list[Path]:
    """The files of a folder that hold rules, word groups or facts."""
    return sorted(set(folder.glob("*.toml")) - {folder / name for name in OTHERS})


def _parse(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"{path.name}: {' '.join(str(error).split())}") from error
    if unknown := sorted(set(content) - TABLES):
        raise RuleError(f'{path.name}: unknown table "{unknown[0]}", expected words, rule, fact or pieces')
    return content


def _table(content: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise RuleError(f"{path.name}: {key} must be written as [{key}.name]")
    return value


def _list(content: Mapping[str, Any], key: str, path: Path) -> list[Any]:
    value = content.get(key, [])
    if not isinstance(value, list):
        raise RuleError(f"{path.name}: {key} must be written as [[{key}]]")
    return value


def _once(where: dict[str, str], name: str, file: str) -> None:
    """Remember where a name was given; a second time is an error."""
    if name in where:
        raise RuleError(f"{file}: {name} is already given in {where[name]}")
    where[name] = file


def _group(entry: Any, where: str) -> Phrases:
    check.keys(entry, WORDS_KEYS, WORDS_KEYS, where)
    check.text(entry, "means", where)
    return _phrases(entry, "phrases", where)


def _rule(entry: Any, file: str) -> Rule:
    where = f"{file}: rule {check.name_of(entry)}"
    check.keys(entry, RULE_KEYS, {"id", "topic", "finds", "says"}, where)
    topic = Topic(check.choice(entry, "topic", [t.value for t in Topic], where))
    if (topic is Topic.CONSENT) != ("mechanism" in entry):
        raise RuleError(f"{where}: mechanism belongs to consent rules, and each of them has one")
    effects = [e.value for e in Effect if e is not Effect.NONE]
    return Rule(
        id=check.text(entry, "id", where),
        topic=topic,
        finds=check.text(entry, "finds", where),
        says=_phrases(entry, "says", where),
        unless=_phrases(entry, "unless", where) if "unless" in entry else NOTHING,
        apart_from=_phrases(entry, "apart_from", where) if "apart_from" in entry else NOTHING,
        mechanism=Mechanism(check.choice(entry, "mechanism", list(Mechanism), where)) if "mechanism" in entry else None,
        effect=Effect(check.choice(entry, "effect", effects, where)) if "effect" in entry else None,
        score=check.number(entry, "score", 0.8, 1, where),
        beside=check.truth(entry, "beside", where),
        margin=int(check.number(entry, "margin", 6, 1000, where)),
        company_only=check.truth(entry, "company_only", where),
    )


def _fact(entry: Any, file: str, pieces: Mapping[str, str]) -> FactRule:
    where = f"{file}: fact {check.name_of(entry)}"
    check.keys(entry, FACT_KEYS, {"id", "kind", "finds", "patterns"}, where)
    return FactRule(
        id=check.text(entry, "id", where),
        kind=check.choice(entry, "kind", FACTS, where),
        finds=check.text(entry, "finds", where),
        patterns=tuple(_pattern(text, pieces, where) for text in check.texts(entry, "patterns", where)),
        topic=Topic(check.choice(entry, "topic", [t.value for t in Topic], where)) if "topic" in entry else None,
        near=_phrases(entry, "near", where) if "near" in entry else NOTHING,
        signs=tuple(check.texts(entry, "signs", where)) if "signs" in entry else (),
        flagged=check.truth(entry, "flagged", where, default=True),
        fresh=check.truth(entry, "fresh", where, default=False),
    )


def _phrases(entry: Mapping[str, Any], key: str, where: str) -> Phrases:
    try:
        return Phrases(compile_phrase(text) for text in check.texts(entry, key, where))
    except ValueError as error:
        raise RuleError(f"{where}: {error}") from error


def _pieces(content: Mapping[str, Any], path: Path) -> dict[str, str]:
    """The pieces of patterns, those within a piece put in; a piece may name only pieces above it."""
    pieces: dict[str, str] = {}
    for name, text in _table(content, "pieces", path).items():
        where = f"{path.name}: pieces.{name}"
        if not isinstance(text, str):
            raise RuleError(f"{where}: must be a text")
        pieces[name] = _put_in(text, pieces, where)
    return pieces


def _put_in(text: str, pieces: Mapping[str, str], where: str) -> str:
    """A pattern's text with its pieces put in; `(?P<value>` is none."""
    for name in PIECE.findall(text.replace("(?P<value>", "")):
        if name not in pieces:
            raise RuleError(f"{where}: <{name}> is not given under [pieces]")
        text = text.replace(f"<{name}>", pieces[name])
    return text


def _pattern(text: str, pieces: Mapping[str, str], where: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(_put_in(text, pieces, where), re.IGNORECASE)
    except re.error as error:
        raise RuleError(f'{where}: pattern "{text}" is broken: {error}') from error
    if "value" not in pattern.groupindex:
        raise RuleError(f'{where}: pattern "{text}" has no group (?P<value>...)')
    return pattern


def _check_groups(
    groups: Mapping[str, Phrases],
    rules: Sequence[Rule],
    facts: Sequence[FactRule],
    where: Mapping[str, str],
    folder: Path,
) -> None:
    """Every group that is named exists, none is made of itself, and those the engine reads are there."""
    if missing := [name for name in BUILT_IN if name not in groups]:
        raise RuleError(f"{folder}: the word group {missing[0]} is missing")
    uses = {f"words.{name}": {g for p in phrases.all for g in p.groups} for name, phrases in groups.items()}
    uses |= {
        rule.id: {g for p in rule.says.all + rule.unless.all + rule.apart_from.all for g in p.groups} for rule in rules
    }
    uses |= {fact.id: {g for p in fact.near.all for g in p.groups} for fact in facts}
    for user, names in uses.items():
        if unknown := sorted(names - set(groups)):
            raise RuleError(f"{where[user]}: {user} names the word group {unknown[0]}, which is not given")
    try:
        TopologicalSorter({name: uses[f"words.{name}"] for name in groups}).prepare()
    except CycleError as error:
        raise RuleError(f"{folder}: the word groups {' → '.join(error.args[1])} are made of each other") from error
