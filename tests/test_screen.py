"""What the screen stops could not have said anything: reading with it and without it comes to the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.words import Reading
from diffing.dates import other, plain
from diffing.flags import read
from diffing.matches import Matches
from diffing.rules import Rules, load
from diffing.sentences import LONGEST, MOST, SHORT_ENOUGH, WORDS, Remembered, split

FOLDER = Path(__file__).parent.parent / "data" / "rules"
RULES, OPEN = load(FOLDER), load(FOLDER)
OPEN.screen.sentence = lambda masked: -1  # type: ignore[assignment,method-assign]  # lets everything through

LITERALS = sorted({f.rstrip("*") for r in RULES.lexicon.tables.values() for g in r.give_away for f in g.split("/")})
SENTENCES = [
    "We use the letters you write in Larkspur to train our AI models.",
    "You can opt-out of this processing in your settings",
    "By continuing to visit Ottermill you agree to these terms.",
    "You may withdraw your consent at any time; we’ll stop.",
    "It takes effect on 3 May 2025 for all",
    "We may share your notes with our partners, e.g. Northwind.",
    "It is on by default and won't be switched off.",
    "We analyse your favourite recipes to improvise.",
    "This does not apply to schools.",
    "The harbour is closed on Sundays.",
]
MARKS = [
    " ", "  ", "\n", ". ", "; • ", " | ", "-", "–", "'", "’", "'s", "**", "_", "`", "\\", "# ", "> ", "[", "](x)",
    "(a)", "(iv) ", "1.2 ", "Section 3: ", "<b>", "</p>", "<", "https://", "www.", "@larkspur.example",
    "[email protected]", "“", "”", "İ", "ſ", "ß", "\u00a0", "\u2028", "\x1c", "\udc80", "é", "\u0301",
    "\u200b", "\u00ad", "\u202e", "opt", "out",
    "x" * 70, "y" * (LONGEST - 3),
]  # fmt: skip
PIECES = st.one_of(st.sampled_from(LITERALS), st.sampled_from(SENTENCES), st.sampled_from(MARKS), st.text(max_size=3))
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " "])), max_size=14).map(
    lambda pairs: "".join(piece + blank for piece, blank in pairs)
)
HEADINGS = st.sampled_from(["", "Printing", "Help › Training our AI models", "Opting out", "You may not:"])


@settings(max_examples=500)
@given(TEXTS)
@example("y" * (LONGEST - 6) + " opt outside")
@example("optouthttps://larkspur.example and a" + "b" * 70 + "@larkspur.example's consent")
@example("By**default** O_p_t o<b>ut</b>, [opt](https://larkspur.example) out")
def test_what_stands_in_a_sentence_passes_the_screen(text: str) -> None:
    screen = RULES.screen
    for sentence in split(text):
        matches = Matches(RULES.lexicon, sentence.words)
        for phrases, bit in screen.wanted.items():
            if matches.any(phrases):
                assert screen.sentence(sentence.masked) & bit
                assert screen.text(text) & bit


@settings(max_examples=500)
@given(TEXTS, TEXTS, HEADINGS)
@example(SENTENCES[0], "", "")
@example("", SENTENCES[8], "Help › Training our AI models")
@example(f"{SENTENCES[0]} {SENTENCES[9]}", f"{SENTENCES[0]} {SENTENCES[1]}", "")
@example(f"{SENTENCES[3]} {SENTENCES[3]}", SENTENCES[3], "")
@example("", SENTENCES[5], "")
def test_the_screen_changes_no_reading(before: str, after: str, heading: str) -> None:
    seen = date(2025, 5, 1)
    assert read(before, after, heading, RULES, seen) == read(before, after, heading, OPEN, seen)


@pytest.mark.parametrize("text", ["The harbour is closed on Sundays.", "You wear a train of silk, and no more."])
def test_what_says_nothing_is_stopped_before_it_is_cut(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def never(text: str) -> Any:
        raise AssertionError(text)

    monkeypatch.setattr("diffing.flags.cut", never)
    assert read("", text, "", RULES) == Reading()
    with pytest.raises(AssertionError):
        read("", SENTENCES[0], "", RULES)


def test_a_fact_without_any_condition_is_always_asked_for(tmp_path: Path) -> None:
    assert rules_with(tmp_path, "near = ['harbour']\n").needs_words(frozenset())
    rules = rules_with(tmp_path, "")
    assert not rules.needs_words(frozenset())
    assert [fact.value for fact in read("", "A lamp is lit", "", rules).facts] == ["lamp"]


def rules_with(folder: Path, near: str) -> Rules:
    for path in FOLDER.glob("*.toml"):
        (folder / path.name).write_text(path.read_text())
    fact = f"[[fact]]\nid = 'x'\nkind = 'data'\nfinds = 'f'\nflagged = false\n{near}patterns = ['(?P<value>lamp)']\n"
    (folder / "mine.toml").write_text(fact)
    return load(folder)


def test_what_is_remembered_stays_small() -> None:
    remembered = Remembered[str, int](len)
    for number in range(MOST + 10):
        assert remembered[str(number)] == len(str(number))
    assert len(remembered) <= MOST
    assert remembered["a" * SHORT_ENOUGH * 2] == SHORT_ENOUGH * 2
    assert "a" * SHORT_ENOUGH * 2 not in remembered
    assert WORDS[b"won't"] == ("will", "not")


@pytest.mark.parametrize(
    "text",
    [
        "November 20, 2024",
        "1 March 2025",
        "2026-01-15",
        "JULY 21st 2024",
        "2 of June 2025",
        "5 Sept 2025",
        "May 3, 2025",
    ],
)
def test_common_dates_are_read_as_the_library_reads_them(text: str) -> None:
    assert plain(text) == other(text) != ""


@pytest.mark.parametrize("text", ["30 February 2024", "2024-13-01", "soon", "March 2024", "99 May 2024"])
def test_what_is_no_common_date_is_left_to_the_library(text: str) -> None:
    assert plain(text) == ""
