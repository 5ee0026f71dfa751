"""Turns a document's passages into the language they are written in, by its commonest words or its script."""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from unicodedata import normalize

from archive.languages import Languages
from archive.words import Kind, Passage

MOST_PASSAGES = 20
MOST_CHARACTERS = 2000  # of them all together
LEAST_LETTERS = 40  # fewer tell nothing
LEAST_WORDS = 15  # fewer tell nothing where languages share a script
LEAST_SHARE = 0.14  # of common words: prose has 0.2 to 0.6, lists of names or of cookies have nearly none
MAJORITY = 0.6  # of the letters, for a script to be the text's own
LEAD = 1.1  # how many times as much as the next language the likeliest needs

WORD = re.compile(r"[^\W\d_]+")
CHARACTER = 3  # letters that a sign of Chinese, Japanese or Korean stands for
KANA = 0.1  # of Japanese; what has less is Chinese

# Where the blocks of Unicode begin that hold a script, each up to the next.
_BLOCKS = {
    0x0000: "Latin",
    0x0370: "el",
    0x0400: "Cyrillic",
    0x0530: "",
    0x0590: "he",
    0x0600: "Arabic",
    0x0780: "",
    0x0900: "hi",
    0x0980: "",
    0x0E00: "th",
    0x0E80: "",
    0x1100: "ko",
    0x1200: "",
    0x1E00: "Latin",
    0x1F00: "el",
    0x2000: "",
    0x3040: "ja",
    0x3100: "",
    0x3400: "zh",
    0xA000: "",
    0xAC00: "ko",
    0xD7B0: "",
}
_STARTS, _SCRIPTS = tuple(_BLOCKS), tuple(_BLOCKS.values())
_SIGNS = ("ja", "zh", "ko")
_OF_MANY = ("Latin", "Cyrillic", "Arabic")


class Detector:
    """Tells languages by their words; those with a script of their own need none."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        """`words` are the commonest of each language, by its code."""
        self._codes: dict[str, list[str]] = {}
        for code, known in words.items():
            for word in set(known):
                self._codes.setdefault(word, []).append(code)

    def of(self, passages: Sequence[Passage]) -> str:
        """The code of the language that most of a text is in; "" where there is too little text, or doubt."""
        words = WORD.findall(normalize("NFC", sample(passages).lower()))
        script = _script(words)
        return self._likeliest(words) if script in _OF_MANY else script

    def _likeliest(self, words: Sequence[str]) -> str:
        """Each word has one vote; where several languages have it, they share the vote."""
        votes, common = dict[str, float](), Counter[str]()
        for word, times in Counter(words).items():
            for code in (codes := self._codes.get(word, ())):
                votes[code] = votes.get(code, 0) + times / len(codes)
                common[code] += times
        ranked = sorted(votes, key=votes.__getitem__, reverse=True)
        if len(words) < LEAST_WORDS or not ranked or common[ranked[0]] < LEAST_SHARE * len(words):
            return ""
        return "" if ranked[1:] and votes[ranked[0]] < LEAD * votes[ranked[1]] else ranked[0]


@lru_cache(maxsize=2)
def detector(languages: Languages) -> Detector:
    """The one that knows these languages."""
    return Detector(languages.words)


def sample(passages: Sequence[Passage]) -> str:
    """The longest paragraph or item of each stretch of a text, as prose tells more than names; else such rows."""
    texts = [p.text for p in passages if p.kind in (Kind.PARAGRAPH, Kind.ITEM)]
    texts = texts or [p.text for p in passages if p.kind is Kind.ROW]
    count = min(len(texts), MOST_PASSAGES)
    longest = (max(texts[n * len(texts) // count : (n + 1) * len(texts) // count], key=len) for n in range(count))
    return "\n".join(text[: MOST_CHARACTERS // count] for text in longest)


def _script(words: Sequence[str]) -> str:
    """The script of most letters, or the language that alone is written in it; "" where no script has most."""
    letters = Counter[str]()
    for letter, times in Counter("".join(words)).items():
        letters[_SCRIPTS[bisect(_STARTS, ord(letter)) - 1]] += times
    for script in _SIGNS:
        letters[script] *= CHARACTER
    if letters["ja"] > KANA * letters["zh"]:
        letters["ja"] += letters.pop("zh")
    script, most = letters.most_common(1)[0]
    return script if letters.total() >= LEAST_LETTERS and most >= MAJORITY * letters.total() else ""
