"""Markdown read again and again: known lines give the same passages, memory is bounded, and no text takes long."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.words import Kind, Link, Passage
from crawler import markdown as reading
from crawler.markdown import MarkdownReader, markdown_passages
from crawler.markdown_inline import MOST_OPEN, TOKEN, inline
from crawler.plain import FILLER, INVISIBLE, clean

LINES = [
    "Words.",
    "* item",
    "* **b**",
    "* * *",
    "  1. in",
    "    more",
    "```",
    "<div>",
    "</div>",
    "<!-- x",
    "-->",
    "\tt",
    "",
]
PIECES = st.lists(st.sampled_from(LINES), max_size=14).map("\n".join)


def texts(text: str) -> list[str]:
    """Only the words."""
    return [passage.text for passage in markdown_passages(text, str)]


@given(st.lists(PIECES, max_size=6))
def test_a_short_memory_changes_nothing(pieces: list[str]) -> None:
    forgetful, usual = MarkdownReader(str), MarkdownReader(str)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "MOST_REMEMBERED", 1500)
        found = [forgetful.read(text) for text in pieces * 2]
    assert found == [usual.read(text) for text in pieces * 2] == [markdown_passages(text, str) for text in pieces * 2]


def test_what_stays_is_the_same_object() -> None:
    reader = MarkdownReader(str)
    first = reader.read("# Data\n\nWords.\n\n* one\n* two\n    1. inner\n* [three](x)")
    second = reader.read("# Data\n\nMore.\n\n* one\n* new\n* two\n    1. inner\n* [three](x)\n\nEnd.")
    known = {id(passage) for passage in first}
    assert [passage.text for passage in second if id(passage) not in known] == ["More.", "new", "End."]


def test_comments_are_left_out_wherever_they_begin() -> None:
    reader = MarkdownReader(str)
    assert [p.text for p in reader.read("a\n\nb <!-- c\n\nd --> e\n\nf")] == ["a", "b e", "f"]
    assert [p.text for p in reader.read("a\n\n<!<!-- -->-- b\n\nf")] == ["a", "<!-- b", "f"]
    assert [p.text for p in reader.read("a\n\n<!-- b\n\nf")] == ["a"]


def test_memory_is_bounded() -> None:
    reader = MarkdownReader(str)
    for number in range(0, 60_000, 1000):
        reader.read("\n\n".join(f"Paragraph {n} ’ {'words ' * 40}" for n in range(number, number + 1000)))
    states = [*reader._memory.new, *reader._memory._old]
    assert len(states) < 2 * reading.MOST_REMEMBERED // 1000
    assert 2 * sum(sys.getsizeof(lines) for lines, _ in states) < 2 * reading.MOST_REMEMBERED


def test_what_goes_on_being_met_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_REMEMBERED", 5000)
    reader = MarkdownReader(str)
    first = reader.read("Words that stay.")[0]
    for number in range(100):
        assert reader.read(f"Words that stay.\n\nNumber {number}")[0] is first


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a `b` c", "a b c"),
        ("``a`", "`a"),
        ("x ```a` `b`", "x ``a b"),
        ("``a ` b``", "`a b``"),
        (r"\``a`", "`a"),
        ("a__b", "a__b"),
        ("a__ b", "a b"),
        (r"\__ a", "_ a"),
        (r"\___ a", "_ a"),
        ("__ a", "a"),
        ("_ a", "_ a"),
        ("5 * 3 ** 2", "5 * 3 2"),
    ],
)
def test_runs_of_signs(text: str, words: str) -> None:
    assert inline(text, str)[0] == words


@pytest.mark.parametrize(
    ("text", "words"),
    [("# a ##", "a"), ("# a # #", "a #"), ("# a##", "a##"), ("# ##", "##"), ("## #", "#"), ("# a  b ", "a b")],
)
def test_the_signs_that_close_a_heading(text: str, words: str) -> None:
    assert texts(text) == [words]


def test_links_in_links() -> None:
    assert inline("[a [b](c) d](e)", str) == ("a b d", (Link("b", "c"), Link("a b d", "e")))
    text, links = inline("[" * (MOST_OPEN + 2) + "a" + "](b)" * (MOST_OPEN + 2), str)
    assert text == "[a](b)"
    assert links == (Link("a", "b"),) * (MOST_OPEN + 1)


def test_what_is_printable_and_yet_invisible() -> None:
    signs = list(map(chr, range(sys.maxunicode + 1)))
    assert [s for s in signs if INVISIBLE.match(s) and s.isprintable()] == [s for s in signs if FILLER.match(s)]
    assert clean("a\u115f’b \u200b ’") == "a’b ’"
    assert not [s for s in signs if s.isspace() and s != " " and (s.isprintable() or INVISIBLE.match(s))]


def hostile() -> Iterator[str]:
    """Long texts that a careless reader would go through again and again."""
    yield from ("[" * 300_000, "](a)" * 100_000, "[a" * 20_000 + "](b)" * 20_000, "![" * 100_000, "x `a" * 100_000)
    yield from ("a" + "_" * 300_000 + "b", "a " + "`" * 300_000 + "b`", "**a " * 100_000, "\\" * 300_000)
    yield from ("# a" + " " * 300_000 + "b", "# a" + " #" * 100_000 + "b", "<a " * 100_000, "\n" * 300_000)
    yield from ("* " * 100_000 + "x", "é" + "\u200d" * 300_000 + "é", "> " * 100_000, "[a](b" * 50_000, "| -" * 100_000)
    yield from ("* a\n" * 50_000, "```\n\n" * 40_001, "<!-- " * 50_000, "a\n" * 100_000, "-" * 300_000 + " x")


@pytest.mark.parametrize("number", range(len(list(hostile()))))
def test_a_hostile_text_takes_bounded_time(number: int) -> None:
    text = list(hostile())[number]
    found = markdown_passages(text, str)
    assert sum(len(passage.text) for passage in found) <= len(text)


def test_every_sign_is_taken_once() -> None:
    for text in hostile():
        tokens = [token.span() for token in TOKEN.finditer(text)]
        assert sum(end - start for start, end in tokens) <= len(text)


def test_passages_of_a_long_list() -> None:
    items = markdown_passages("\n".join(f"{n}. item {n}\n   goes on" for n in range(1, 4)), str)
    assert items == [Passage(Kind.ITEM, f"item {n} goes on", 1) for n in range(1, 4)]
