"""Reads what the edits between versions say, and in which language the versions are; what recurs is read once."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from functools import lru_cache
from itertools import chain

from archive.changes import Pending
from archive.language import detector
from archive.words import Edit, EditKind, Kind, Reading
from diffing import flags, gate
from diffing.compare import compare, same_words
from diffing.rules import Rules

MOST_FLIPS = 32  # pairs of texts of one document whose edits are remembered
MOST_KNOWN = 50_000  # readings of one document that are remembered
MOST_SHARED = 10_000  # readings of all documents of a day that are remembered


class Readings:
    """The edits of a document's versions with their flags and facts, and the language of these.

    Each edit is read once, however often a page flips.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._known: dict[tuple[str, str, str], Reading] = {}
        self._edits = 0  # since a text was last asked for its language
        self._flips: dict[tuple[int, int], tuple[Pending, list[tuple[Edit, Reading]]]] = {}

    def of(self, pending: Pending) -> list[tuple[Edit, Reading]]:
        """Each edit of a version with what it says: nothing where no word changed, or it is a mere heading."""
        pair = (id(pending.before), id(pending.after))  # a timeline gives a text that comes again as the same object
        if pair not in self._flips:
            if len(self._flips) >= MOST_FLIPS:
                del self._flips[next(iter(self._flips))]
            self._flips[pair] = pending, self._of(pending)  # as long as the texts are kept, nothing else has their ids
        return self._flips[pair][1]

    def language(self, pending: Pending, edits: int) -> str:
        """The code of a version's language: the declared one, else the detected one, "" where that is in doubt.

        A text is asked where nothing is known yet, or where there were so many edits that half of it may be new.
        """
        if pending.declared:
            return pending.declared
        self._edits += edits
        if not pending.language or 2 * self._edits > len(pending.after):
            self._edits = 0
            return detector(self._rules.languages).of(pending.after)
        return pending.language

    def same(self, before: str, after: str, heading: str, seen_at: str) -> bool:
        """Whether two texts of a passage say the same, as far as the rules see."""
        edit = Edit(EditKind.CHANGED, heading, before, after, same_words=same_words(before, after))
        return edit.same_words or not self._read(edit, date.fromisoformat(seen_at[:10])).flags

    def not_read(self, language: str) -> str:
        """Its name, if no rule reads it, else ""."""
        return self._rules.languages.not_read(language)

    def _of(self, pending: Pending) -> list[tuple[Edit, Reading]]:
        edits, seen = compare(pending.before, pending.after), date.fromisoformat(pending.seen_at[:10])
        headings = {p.text for p in chain(pending.before, pending.after) if p.kind is Kind.HEADING} if edits else set()
        return [(edit, Reading() if _is_silent(edit, headings) else self._read(edit, seen)) for edit in edits]

    def _read(self, edit: Edit, seen: date) -> Reading:
        """Of the headings above, the last counts."""
        key = (edit.before, edit.after, edit.heading.rpartition(" › ")[2])
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[key] = _read(*key, self._rules, seen)
        return self._known[key]


@lru_cache(maxsize=MOST_SHARED)
def _read(before: str, after: str, heading: str, rules: Rules, seen: date) -> Reading:
    """What an edit says: remembered, as the documents of a service say much alike."""
    return flags.read(before, after, heading, rules, seen)


def _is_silent(edit: Edit, headings: Set[str]) -> bool:
    return gate.is_cosmetic(edit) or (edit.after or edit.before) in headings
