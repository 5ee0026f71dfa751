"""Turns claims about AI training into what the change does: it permits, restricts or restates."""

from __future__ import annotations

from collections.abc import Sequence, Set

from archive.words import Effect
from diffing.claims import Claim, Reader
from diffing.delta import Turn
from diffing.matches import Matches

SIGN = {Effect.PERMITS: 1, Effect.RESTRICTS: -1, Effect.RESTATES: 0}
REACH = 70  # words before a training claim in which a "not" still governs it, if no permission stands between


def effect(found: Sequence[Claim], reader: Reader) -> tuple[Claim, Effect]:
    """The claim that best tells what the change does, and what that is."""
    judged = [(*_judge(claim, reader), claim) for claim in found]
    sign, _, claim = max(judged, key=lambda one: (abs(one[0]), one[1], one[2].rule.effect is None, one[2].rule.score))
    return claim, Effect.PERMITS if sign > 0 else Effect.RESTRICTS if sign < 0 else Effect.RESTATES


def stance(claim: Claim, reader: Reader) -> int:
    """What the claim says by itself: 1 that it may be done, -1 that it may not or can be refused, 0 neither."""
    if claim.rule.effect is not None:
        return SIGN[claim.rule.effect]
    matches = reader.matches(claim.sentence)
    start, end = claim.span
    choices = [span for span in matches.group("choice") if span[0] <= start < span[1] or start < span[1] <= end]
    if choices:
        goes_on = {place for left, right in matches.group("not-refused") for place in range(left, right)}
        return 1 if all(left in goes_on for left, _ in choices) else -1
    undone = matches.group("no-promise")
    last = max((left for left, _ in matches.group("permission") if left < start), default=-1)
    for left, _ in matches.group("negation"):
        governs = max(start - REACH, last - 2) <= left < end
        if governs and not any(a <= left < b for a, b in undone):
            return -1
    return 1


def _judge(claim: Claim, reader: Reader) -> tuple[int, int]:
    """What the change does with the claim, and how plainly: a claim come or gone, turned round, narrowed or grown."""
    own = stance(claim, reader)
    other = _other(claim, reader)
    after = claim.side == "after"
    if other is None:
        whole = claim.turn.old is None or claim.turn.new is None
        return (own if after else -own), 4 if whole else 2
    now, then = (own, other) if after else (other, own)
    if now != then:
        return (1 if now > then else -1), 4
    return _within(claim, reader, now)


def _other(claim: Claim, reader: Reader) -> int | None:
    """The stance of the same rule on the other side of a reworded sentence; None where it does not speak there."""
    sentence = claim.turn.old if claim.side == "after" else claim.turn.new
    spans = reader.spans(claim.rule, sentence) if sentence else []
    if not sentence or not spans:
        return None
    side = "before" if claim.side == "after" else "after"
    nearest = min(spans, key=lambda span: abs(span[0] - claim.span[0]))
    return stance(Claim(claim.rule, sentence, nearest, side, claim.turn), reader)


def _within(claim: Claim, reader: Reader, now: int) -> tuple[int, int]:
    """A sentence that says the same as before, with something added or taken away inside it."""
    turn = claim.turn
    if turn.old is None or turn.new is None:
        return 0, 0
    come = [s for s in reader.matches(turn.new).group("exception") if s[0] in turn.added]
    gone = [s for s in reader.matches(turn.old).group("exception") if s[0] in turn.removed]
    if len(come) != len(gone):
        return (-now if len(come) > len(gone) else now), 3
    if turn.added and turn.removed:
        return _by_length(turn, now)
    grown = bool(turn.added)
    sentence, places = (turn.new, turn.added) if grown else (turn.old, turn.removed)
    for way, plainly in ((_excepts, 3), (_hedges, 2), (_qualifies, 2)):
        if way(claim, reader.matches(sentence), places):
            return (-now if grown else now), plainly
    return _by_length(turn, now)


def _by_length(turn: Turn, now: int) -> tuple[int, int]:
    """What only became longer says more of the same, what became shorter less."""
    if len(turn.added) > 2 * len(turn.removed):
        return now, 1
    if len(turn.removed) > 2 * len(turn.added):
        return -now, 1
    return 0, 0


def _excepts(claim: Claim, matches: Matches, places: Set[int]) -> bool:
    """Whether the words stand behind an exception to the claim: more of them, and it holds for less."""
    starts = [start for start, _ in matches.group("exempting") if start >= claim.span[0] and start not in places]
    return bool(starts) and min(places) > min(starts)


def _hedges(claim: Claim, matches: Matches, places: Set[int]) -> bool:
    """Whether the words only make it less than certain: "we may use" is less than "we use"."""
    return places <= {place for start, end in matches.group("hedge") for place in range(start, end)}


def _qualifies(claim: Claim, matches: Matches, places: Set[int]) -> bool:
    """Whether the words only say which data: "business data" is less than "data", "photos and data" is more."""
    data = {start for start, _ in matches.group("data")}
    others = {start for group in ("joining", "data") for start, _ in matches.group(group)}
    one_run = max(places) - min(places) < len(places)
    return one_run and max(places) + 1 in data and not places & others
