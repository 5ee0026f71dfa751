"""Turns what the gate decided into lines for a terminal, in plain words; decisions that nobody asks for are folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from archive.decisions import KNOWN, NEWS, OVER, Compared, Decided, Earlier, Flagged, Text
from archive.labels import label
from archive.words import Decision

QUIET = (Decision.COSMETIC, Decision.UNFLAGGED, Decision.RETURNED, Decision.TECHNICAL)
MOST_QUOTES = 3  # news of one change that are quoted
MOST_REASONS = 3  # of changes that are folded into one line
QUOTED = 90  # characters of a quote
NOTES = {KNOWN: "(known before: not told)", OVER: "(over before it was confirmed: not told)"}


def folded(changes: Iterable[Decided]) -> Iterator[list[Decided]]:
    """Each change alone; of quiet ones between two others, those that were decided alike together."""
    for quiet, run in groupby(changes, key=lambda one: one.decision in QUIET):
        alike = dict[object, list[Decided]]()
        for one in run:
            key = (one.decision, *(earlier.decision for earlier in one.earlier)) if quiet else one.change_id
            alike.setdefault(key, []).append(one)
        yield from alike.values()


def told(alike: Sequence[Decided]) -> Iterator[str]:
    """What is to be said of changes that were folded: the first line stands alone, the others belong under it."""
    yield from _together(alike) if len(alike) > 1 else _alone(alike[0])


def verdict(one: Decided) -> str:
    """The decision: "held until 2026-03-03 06:00"."""
    return f"{one.decision} until {short(one.held_until)}" if one.held_until else one.decision


def details(one: Decided) -> Iterator[str]:
    """When it was decided, what was decided before, what it was compared with, and with whom it is told."""
    yield from (f"at first {_earlier(earlier)}" for earlier in one.earlier)
    yield f"decided {short(one.decided_at)}"
    if with_what := compared(one.compared):
        yield f"compared with {with_what}"
    names = {other.change_id: f"{other.document} (change {other.change_id})" for other in one.together}
    if teller := names.pop(one.told_in or 0, ""):
        yield f"told in the message of {teller}"
    yield from [f"told together with {'; '.join(names.values())}"] * bool(names)


def compared(texts: Compared) -> str:
    """What a change was compared with: "the text before (2026-03-01 06:00, change 3) and ..."; "" for a first text."""
    before, last = texts.before, texts.told
    if before is None:
        return ""
    parts = [f"the text before{', the last that was told' if before == last else ''} ({_text(before)})"]
    parts += [f"the last text that was told ({_text(last)})"] if last and last != before else []
    parts += [f"all {texts.texts} texts that stood since {short(texts.since)}"] if texts.texts > 1 else []
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def news(one: Decided) -> Iterator[str]:
    """The flagged edits that were news, quoted, and how many were not."""
    new = [edit for edit in one.flagged if edit.news == NEWS]
    yield from (f"news: {_quote(edit)}" for edit in new[:MOST_QUOTES])
    if len(new) > MOST_QUOTES:
        yield f"and {len(new) - MOST_QUOTES} more news"
    rest = Counter(edit.news for edit in one.flagged if edit.news != NEWS)
    if one.told_apart:
        yield from [f"flagged, but known before: {_passages(rest[KNOWN])}"] * bool(rest[KNOWN])
        yield from [f"flagged, but over before it was confirmed: {_passages(rest[OVER])}"] * bool(rest[OVER])
    elif rest:
        yield f"flagged: {_passages(rest.total())}"


def notes(one: Decided) -> dict[int, str]:
    """What is said beside the flagged edits that were no news, by their places."""
    return {edit.place: NOTES[edit.news] for edit in one.flagged if edit.news != NEWS} if one.told_apart else {}


def short(time: str) -> str:
    """A time of the archive to the minute, as a table has it: "2026-03-01 06:00"."""
    return time[:16].replace("T", " ")


def _alone(one: Decided) -> Iterator[str]:
    yield f"{short(one.seen_at)}  {verdict(one)}  change {one.change_id}"
    yield from [f"{one.severity}: {one.line}"] * bool(one.line)
    yield f"why: {one.reason}"
    yield from details(one)
    yield from news(one)


def _together(alike: Sequence[Decided]) -> Iterator[str]:
    """The span and the number, the most frequent reasons, and how they were decided at first."""
    first, reasons = alike[0], Counter(one.reason for one in alike)
    yield f"{short(first.seen_at)} to {short(alike[-1].seen_at)}  {first.decision}, {len(alike)} times"
    for reason, number in reasons.most_common(MOST_REASONS):
        yield f"why: {reason}" + (f" ({number} times)" if 1 < number < len(alike) else "")
    if len(reasons) > MOST_REASONS:
        yield f"and for {len(reasons) - MOST_REASONS} other reasons (--all shows them)"
    yield from [f"at first {' and '.join(e.decision for e in first.earlier)}"] * bool(first.earlier)


def _earlier(earlier: Earlier) -> str:
    until = f", until {short(earlier.held_until)}" if earlier.held_until else ""
    return f"{earlier.decision} on {short(earlier.decided_at)}{until}: {earlier.reason}"


def _text(text: Text) -> str:
    return f"{short(text.seen_at)}, change {text.change_id}"


def _quote(edit: Flagged) -> str:
    """The first quote of an edit, as far as it fits, and what it is flagged as."""
    words = edit.flags[0].quote
    cut = words if len(words) <= QUOTED else f"{words[: QUOTED - 2].rstrip()} …"
    return f"“{cut}” ({'; '.join(dict.fromkeys(label(flag) for flag in edit.flags))})"


def _passages(number: int) -> str:
    return f"{number} passage{'s' if number > 1 else ''}"
