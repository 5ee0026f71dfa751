"""Decides what becomes of a change: pushed, or kept for the record with the reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archive.changes import Pending
from archive.labels import labels
from archive.languages import marked
from archive.words import Decision, Edit, EditKind, Reading

MEMORY_DAYS = 30  # a text that comes back within this time is a page that flips, not a new decision of the company
SHRUNK = 0.5  # a page that keeps less than this share of its words is more often a bad capture than a short policy

Judgement = tuple[Decision, str]

COSMETIC_WORDS = {
    EditKind.LINKS: "link targets",
    EditKind.MOVED: "moved passages",
    EditKind.CHANGED: "with other punctuation or numbering",
}


def quarantine(pending: Pending) -> Judgement | None:
    """Puts aside a text that has lost most of its words at once; None where it can be believed."""
    if pending.before_id is None or pending.technical:
        return None
    old, new = pending.words
    if new < SHRUNK * old:
        return Decision.QUARANTINED, f"only {new} of {old} words are left: this may be a bad capture, look at the page"
    return None


def decide(pending: Pending, edits: Sequence[tuple[Edit, Reading]], not_read: str = "") -> Judgement:
    """The decision about a version that is believed, with its edits against the text before.

    `not_read` names the language of the text, if no rule reads it: nobody is told that nothing was found there.
    """
    if pending.before_id is None:
        return Decision.BASELINE, "; ".join(filter(None, ["the first version of this document", marked(not_read)]))
    if pending.technical:
        return Decision.TECHNICAL, "the same page, read with newer rules"
    if not edits and list(pending.before) == list(pending.after):
        return Decision.RETURNED, "the text that stood before the one in quarantine stands again"
    if all(is_cosmetic(edit) for edit, _ in edits):
        return Decision.COSMETIC, _cosmetic_reason([edit for edit, _ in edits])
    if pending.text_hash in pending.recent:
        return Decision.RETURNED, f"this very text stood here before, within {MEMORY_DAYS} days"
    flags = [flag for _, reading in edits for flag in reading.flags]
    if not flags:
        return Decision.UNFLAGGED, f"words changed, {marked(not_read) or 'none about AI training or consent'}"
    return Decision.PUSH, f"{len(flags)} flagged: {'; '.join(labels(flags))}"


def is_cosmetic(edit: Edit) -> bool:
    """Whether an edit leaves every word as it was, or only elsewhere."""
    return edit.same_words or edit.kind is EditKind.MOVED


def _cosmetic_reason(edits: Sequence[Edit]) -> str:
    kinds = Counter(edit.kind for edit in edits)
    parts = [f"{number} {COSMETIC_WORDS[kind]}" for kind, number in kinds.items()]
    return f"no word changed: {', '.join(parts)}" if parts else "only the kind of some passages changed"
