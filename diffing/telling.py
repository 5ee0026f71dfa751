"""Turns a reworded sentence into the changed words that tell something: no filler, no name or spelling exchanged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from functools import cached_property

from diffing.delta import Run, Turn
from diffing.matches import Matches
from diffing.regions import codes
from diffing.sentences import Sentence

BESIDE = 2  # words between one that tells which data and the data: "usage and device data"
LONG, LONGEST = 6, 40  # letters of what may be the same word with one letter mended; a longer run is none
MOST_NAMES = 0.6  # share of a sentence's words that may have a capital; where most have one, none is a sign


class Telling:
    """Tells which changed words of a turn count; each side once. `kinds` is 0 for a word that no rule knows."""

    def __init__(self, turn: Turn, matches: Callable[[Sentence], Matches], kinds: Mapping[str, int]) -> None:
        self._turn, self._matches, self._kinds = turn, matches, kinds
        self._found: dict[Sentence, list[int]] = {}

    def places(self, sentence: Sentence) -> list[int]:
        """The places of the changed words of one of its sentences that tell something, in order."""
        found = self._found.get(sentence)
        if found is None:
            changed = self._turn.added if sentence is self._turn.new else self._turn.removed
            if told := changed - self._of("filler", sentence):
                told = told - self._exchanged[sentence is self._turn.new] - self._headline(sentence)
            found = self._found[sentence] = sorted(told)
        return found

    def weighty(self, sentence: Sentence) -> list[int]:
        """Those of them that can give another meaning to words which they stand beside.

        There stands a word that a rule knows, or one that tells which data; where other regions are named, all count.
        """
        places = self.places(sentence)
        if not places or self._other_regions:
            return places
        data = {start for start, _ in self._matches(sentence).group("data")}
        return [p for p in places if self._kinds[sentence.words[p]] or not data.isdisjoint(range(p, p + BESIDE + 1))]

    @cached_property
    def _other_regions(self) -> bool:
        old, new = self._turn.old, self._turn.new
        return old is not None and new is not None and codes(old.text) != codes(new.text)

    def _of(self, group: str, sentence: Sentence) -> set[int]:
        """The places of the words of a group."""
        return {place for start, end in self._matches(sentence).group(group) for place in range(start, end)}

    @cached_property
    def _exchanged(self) -> tuple[set[int], set[int]]:
        """The places on both sides where a name has taken the place of a name, or a spelling that of another."""
        old, new = self._turn.old, self._turn.new
        if old is None or new is None:
            return set(), set()
        runs = [run for run in self._turn.runs if run[0] < run[1] and run[2] < run[3]]
        same = [run for run in runs if _respelt(run, old, new) or self._renamed(run, old, new)]
        return {p for a, b, _, _ in same for p in range(a, b)}, {p for _, _, c, d in same for p in range(c, d)}

    def _renamed(self, run: Run, old: Sentence, new: Sentence) -> bool:
        """Whether a name took a name's place; a region's name is more than a name."""
        named = self._is_name(old, range(*run[:2])) and self._is_name(new, range(*run[2:]))
        return named and not self._other_regions

    def _is_name(self, sentence: Sentence, places: range) -> bool:
        """Whether words are a name, filler aside: known as one, or with a capital and known to no rule."""
        odd = set(places) - self._of("exchanged", sentence) - self._of("filler", sentence)
        if any(self._kinds[sentence.words[place]] for place in odd):
            return False
        return not odd or odd <= sentence.names | {0}

    def _headline(self, sentence: Sentence) -> set[int]:
        """The places of a heading that came or went at the beginning: words with a capital before another such word."""
        end = _alone_at_start(self._turn.runs[0])
        if not end or end not in (capitals := sentence.names) or len(capitals) > MOST_NAMES * len(sentence.words):
            return set()
        return set(range(end)) if (capitals | self._of("filler", sentence) | {0}).issuperset(range(end)) else set()


def _alone_at_start(run: Run) -> int:
    """How many words came or went at the beginning, where none took their place; 0 for another run."""
    a, b, c, d = run
    return 0 if a or c or (b and d) else b + d


def _respelt(run: Run, old: Sentence, new: Sentence) -> bool:
    """Whether the letters are the same but for blanks, for an s at the end of words, or for one of many letters."""
    a, b, c, d = run
    one, two = ("".join(word.rstrip("s") for word in words) for words in (old.words[a:b], new.words[c:d]))
    longest = max(len(one), len(two))
    if one == two or not LONG <= longest <= LONGEST or longest - min(len(one), len(two)) > 1:
        return one == two
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= longest - 1
