"""The words of a text are found fast; the shortcuts change none of them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diffing.plain_words import _PLAIN, AGO, NUMBERING, plain_words

PIECES = st.one_of(
    st.sampled_from(
        ["3. ", "(a) ", "iv) ", "Section 2.1 ", "1.1 Lamps", "5.99", "Updated ", "over a ", "few WEEKS ", "3 days ",
         "ago", "AGO", "aGo", "opt-out", "it's", "^", "`", "|", "~", "$", "+", "_", "\n", "\x1c", "\x00", "\x7f", " ",
         "é", "ß", "İ", "ſ", "\u212a", "ａｇｏ", "\u00a0", "\u200b", "”"]
    ),
    st.text(max_size=3),
    st.text(st.characters(max_codepoint=127), max_size=6),
)  # fmt: skip


def slowly(text: str) -> tuple[str, ...]:
    """The words of a text, found without any shortcut."""
    bare = AGO.sub(" ago ", NUMBERING.sub("", text))
    return tuple(unicodedata.normalize("NFKC", bare.translate(_PLAIN)).casefold().split())


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=10).map("".join))
@example("Updated OVER a week AGO")
@example("1. 2. The lamp is lit")
@example("The lamp\n1. is lit")
def test_shortcuts_change_no_word(text: str) -> None:
    assert plain_words(text) == slowly(text)


@pytest.mark.parametrize("code", range(128))
def test_every_sign_of_ascii_is_taken_as_any_other_is(code: int) -> None:
    for text in (f"A{chr(code)}b", f"A {chr(code)} b"):
        assert plain_words(text) == slowly(text) == plain_words(f"{text} é")[:-1]
