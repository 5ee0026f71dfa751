"""Turns phrases as the rules write them ("not .... {train}") into one pattern, and a text into the words it searches.

The rules of flags have an engine of their own, which sees what changed; this one only says whether words stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

GAPS = {"..": 3, "...": 12, "....": 40}  # how many words may stand between
WORD = re.compile(r"[^\W_]+")
SHORT = re.compile(r"n['’]t\b")
PIECE = re.compile(r"\{([a-z-]+)\}|(\.{2,4})|(\^)|([^\s{}.^]+)")

Pattern = re.Pattern[str]


def folded(text: str) -> str:
    """The words of a text in small letters, with a blank on either side of each; "don't" is "do not"."""
    plain = SHORT.sub(" not", text.casefold().replace("cannot", "can not").replace("won't", "will not"))
    return f" {' '.join(WORD.findall(plain))} "


def compiled(phrases: Iterable[str], groups: Mapping[str, Iterable[str]]) -> Pattern:
    """What finds any of the phrases in a folded text. ValueError tells which phrase is not understood."""
    return re.compile("(?<= )" + _any(phrases, groups))


def _any(phrases: Iterable[str], groups: Mapping[str, Iterable[str]]) -> str:
    return f"(?:{'|'.join(_phrase(phrase, groups) for phrase in phrases)})"


def _phrase(phrase: str, groups: Mapping[str, Iterable[str]]) -> str:
    """A phrase as a regular expression that ends with the blank behind its last word."""
    if PIECE.sub("", phrase).strip() or not phrase.strip(" .^"):
        raise ValueError(f'phrase "{phrase}" is not understood')
    found = ""
    for group, dots, start, words in PIECE.findall(phrase):
        if group and group not in groups:
            raise ValueError(f'phrase "{phrase}" names the word group {group}, which is not given')
        if group:
            found += _any(groups[group], groups)
        elif dots:
            found += f"(?:[^ ]+ ){{0,{GAPS[dots]}}}?"
        else:
            found += r"(?<=\A )" if start else _words(words)
    return found


def _words(written: str) -> str:
    """ "train*/teach" as the words it stands for."""
    words = [re.escape(word).replace(r"\*", "[^ ]*") for word in written.lower().split("/")]
    return f"(?:{'|'.join(words)}) "
