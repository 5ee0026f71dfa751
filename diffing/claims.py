"""Turns changed sentences into claims: the places where a rule speaks and the change touches what it says."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from archive.words import Mechanism, Topic
from diffing.delta import Turn
from diffing.matches import Matches, Span
from diffing.phrases import Phrases
from diffing.rules import Rule, Rules
from diffing.sentences import Sentence, split
from diffing.telling import Telling

REFUSING = {Mechanism.OPT_OUT, Mechanism.DEFAULT}
MOST = 6  # claims of one rule in one sentence; more would tell nothing new


@dataclass(frozen=True, slots=True)
class Claim:
    """One rule speaking in one sentence of one side of a changed sentence."""

    rule: Rule
    sentence: Sentence
    span: Span
    side: str
    turn: Turn

    @property
    def quote(self) -> str:
        """The sentence as it stands in the passage."""
        return self.sentence.text


class Reader:
    """Reads sentences by the rules; each sentence once."""

    def __init__(self, rules: Rules, heading: str) -> None:
        self.rules = rules
        self._matches: dict[Sentence, Matches] = {}
        self._spans: dict[tuple[str, Sentence], list[Span]] = {}
        self._tellings: dict[Turn, Telling] = {}
        self.title = heading

    @cached_property
    def heading(self) -> list[Sentence]:
        """The last sentence of the last heading."""
        return split(self.title.split(" › ")[-1])[-1:]

    def matches(self, sentence: Sentence) -> Matches:
        """Where the words of the rules stand in a sentence."""
        found = self._matches.get(sentence)
        if found is None:
            found = self._matches[sentence] = Matches(self.rules.lexicon, sentence.words)
        return found

    def may(self, sentence: Sentence | None) -> int:
        """The screen's bits of what may stand in a sentence."""
        return self.rules.screen.sentence(sentence.masked) if sentence else 0

    def stands(self, phrases: Phrases, sentence: Sentence) -> bool:
        """Whether one of the phrases stands in a sentence."""
        bit = self.rules.screen.wanted.get(phrases)
        if bit is not None and not self.may(sentence) & bit:
            return False
        return self.matches(sentence).holds(phrases)

    def changed(self, changed: Sequence[Turn], passage: Sequence[Sentence]) -> list[Claim]:
        """Every claim that a changed sentence makes and the change touches."""
        found: list[Claim] = []
        bits = self.rules.screen.wanted
        for turn in changed:
            if (may := self.may(turn.old) | self.may(turn.new)) & self.rules.says:
                rules = [rule for rule in self.rules.rules if may & bits[rule.says]]
                found.extend(claim for rule in rules for claim in self._claims(rule, turn))
        if any(claim.rule.beside for claim in found):
            topics = headed(self.rules, self.title) | self.topics(passage)
            found = [claim for claim in found if not claim.rule.beside or claim.rule.topic in topics]
        return [c for c in found if c.rule.mechanism not in REFUSING or not self._of_court(c.sentence, passage)]

    def _of_court(self, sentence: Sentence, passage: Sequence[Sentence]) -> bool:
        """Whether arbitration or the like is refused: it is named, or near by where the sentence names no data."""
        near = [] if self.matches(sentence).group("data") else [*self.heading, *passage]
        return any(self.stands(self.rules.lexicon.groups["disputes"], one) for one in [sentence, *near])

    def spans(self, rule: Rule, sentence: Sentence) -> list[Span]:
        """Where a rule speaks in a sentence; nowhere if an `unless` stands there or the rule binds the reader."""
        if not self.may(sentence) & self.rules.screen.wanted[rule.says]:
            return []
        key = (rule.id, sentence)
        found = self._spans.get(key)
        if found is None:
            found = self._spans[key] = self._speaking(rule, sentence)
        return found

    def _speaking(self, rule: Rule, sentence: Sentence) -> list[Span]:
        matches = self.matches(sentence)
        spans = matches.any(rule.says)
        if not spans or matches.holds(rule.unless):
            return []
        if apart := matches.any(rule.apart_from):
            spans = [span for span in spans if not any(a < span[1] and span[0] < b for a, b in apart)]
        return [span for span in spans if not (rule.company_only and self._binds_reader(sentence, span))]

    def _binds_reader(self, sentence: Sentence, span: Span) -> bool:
        """Whether it is the reader who may or may not do it: who was named last before it decides."""
        matches = self.matches(sentence)
        user = [s for s in matches.group("user-acts") if s[0] < span[1]]
        company = [s for s in matches.group("company-acts") if s[0] < span[1]]
        if not user and not company:
            return any(self._forbids_reader(above) for above in self.heading)
        return max((s[0] for s in user), default=-1) > max((s[0] for s in company), default=-1)

    def _forbids_reader(self, heading: Sentence) -> bool:
        """Whether a heading opens a list of what the reader may not do."""
        matches = self.matches(heading)
        return bool(matches.group("user-acts") and matches.group("negation"))

    def _claims(self, rule: Rule, turn: Turn) -> list[Claim]:
        """What a rule makes of a turn, on both sides."""
        old = self.spans(rule, turn.old) if turn.old else []
        new = self.spans(rule, turn.new) if turn.new else []
        claims: list[Claim] = []
        for side, sentence, spans in (("after", turn.new, new), ("before", turn.old, old)):
            if sentence and spans:
                telling = self._telling(turn)
                places = telling.places(sentence)
                if not (turn.old and turn.new and self._excepts(sentence, places)):
                    near = telling.weighty(sentence) if rule.topic is Topic.CONSENT and old and new else places
                    spans = [span for span in spans if _touches(span, near, rule.margin)]
                claims.extend(Claim(rule, sentence, span, side, turn) for span in spans[:MOST])
        return claims

    def _telling(self, turn: Turn) -> Telling:
        """What tells which changed words of a turn count."""
        found = self._tellings.get(turn)
        if found is None:
            found = self._tellings[turn] = Telling(turn, self.matches, self.rules.lexicon.words)
        return found

    def _excepts(self, sentence: Sentence, places: Sequence[int]) -> bool:
        """Whether an exception has changed: it reaches everything in its sentence."""
        return any(_touches((start, start + 1), places, 0) for start, _ in self.matches(sentence).group("exception"))

    def topics(self, passage: Iterable[Sentence]) -> frozenset[Topic]:
        """The topics of which any of these sentences speaks, by a rule that needs no other beside it."""
        speaking = [sentence for sentence in passage if self.may(sentence) & self.rules.says]
        rules = [rule for rule in self.rules.rules if not rule.beside]
        return frozenset(rule.topic for rule in rules if any(self.spans(rule, s) for s in speaking))


@lru_cache(maxsize=500)
def headed(rules: Rules, heading: str) -> frozenset[Topic]:
    """The topics of which a heading speaks."""
    if not rules.screen.text(heading) & rules.says:
        return frozenset()
    reader = Reader(rules, heading)
    return reader.topics(reader.heading)


def _touches(span: Span, places: Sequence[int], margin: int) -> bool:
    """Whether one of the places, given in order, is in the span or near it."""
    first = bisect_left(places, span[0] - margin)
    return first < len(places) and places[first] < span[1] + margin
