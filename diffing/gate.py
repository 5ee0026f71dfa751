"""Decides what becomes of a change as it is first seen: told, held, or kept for the record with the reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from archive.changes import Pending
from archive.labels import labels
from archive.languages import marked
from archive.words import Decision, Edit, EditKind, Reading

MEMORY = timedelta(days=30)  # a text that comes back within this time is a page that flips, not a new decision
SHRUNK = 0.5  # a page that keeps less than this share of its words is more often a bad capture than a short policy

Judgement = tuple[Decision, str]

COSMETIC_WORDS = {
    EditKind.LINKS: "link targets",
    EditKind.MOVED: "moved passages",
    EditKind.CHANGED: "with other punctuation or numbering",
}


def doubt(pending: Pending, language: str) -> str:
    """Why a text is not believed at first: it has lost most of its words, or is in another language; "" if it is.

    `language` is the code of the text's own language, "" where that is in doubt. What we fetch ourselves is doubted
    before it becomes a version, and not again here.
    """
    if pending.before_id is None or pending.technical:
        return ""
    old, new = pending.words
    if new < SHRUNK * old:
        return f"only {new} of {old} words are left: this may be a bad capture, look at the page"
    if is_other_language(pending, language):
        return f"the page is in another language ({language} instead of {pending.language}): this may be a bad capture"
    return ""


def is_other_language(pending: Pending, language: str) -> bool:
    """Whether the text is in another language than its document was."""
    return bool(pending.language and language and language != pending.language)


def settled(pending: Pending, edits: Sequence[tuple[Edit, Reading]], not_read: str = "") -> Judgement | None:
    """The decision about a text that is believed, where it depends on nothing but the text before; None otherwise.

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
    if any(reading.flags for _, reading in edits):
        return None
    if pending.text_hash in pending.recent:
        return Decision.RETURNED, f"this very text stood here before, within {MEMORY.days} days"
    return Decision.UNFLAGGED, f"words changed, {marked(not_read) or 'none about AI training or consent'}"


def alone(pending: Pending, edits: Sequence[tuple[Edit, Reading]], not_read: str = "") -> Judgement:
    """The decision about two texts without a history: what is flagged is told."""
    return settled(pending, edits, not_read) or (Decision.PUSH, told(edits))


def told(edits: Sequence[tuple[Edit, Reading]]) -> str:
    """What is told of these edits, in few words."""
    flags = [flag for _, reading in edits for flag in reading.flags]
    return f"{len(flags)} flagged: {'; '.join(labels(flags))}"


def is_cosmetic(edit: Edit) -> bool:
    """Whether an edit leaves every word as it was, or only elsewhere."""
    return edit.same_words or edit.kind is EditKind.MOVED


def _cosmetic_reason(edits: Sequence[Edit]) -> str:
    kinds = Counter(edit.kind for edit in edits)
    parts = [f"{number} {COSMETIC_WORDS[kind]}" for kind, number in kinds.items()]
    return f"no word changed: {', '.join(parts)}" if parts else "only the kind of some passages changed"
