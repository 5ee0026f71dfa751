"""A page at a glance: what is seen of it, and that a page made to be costly is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.glance import MOST, Glance, glance


def test_titles_lines_and_headings() -> None:
    seen = glance("<title>A &amp; B</title><body><h1>Hello <b>you</b></h1>One<p>two <i>three</i><br>four<h3>Five</h3>")
    assert (seen.title, seen.headings) == ("A & B", ("Hello you",))
    assert seen.lines == ("Hello you", "One", "two three", "four", "Five")


def test_what_nobody_sees_is_left_out() -> None:
    hidden = (
        "<!-- a <p>b --> <style>p > a {}</style><script>if (a < b) '<p>c</p>'</script><template><p>d</p></template>"
        "<svg><title>e</title><text>f</text></svg><select><option>g</select><textarea>h</textarea><iframe>i</iframe>"
    )
    assert glance(f"<p>Seen {hidden} all along</p>").lines == ("Seen all along",)


def test_only_the_first_title_is_the_page_s() -> None:
    assert glance("</title><title>Gantry</title><title>Icon</title>").title == "Gantry"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<input type=password>", Glance(asks_password=True)),
        ("<INPUT name='a' TYPE = 'PassWord' />", Glance(asks_password=True)),
        ("<input name='password' type='text'>", Glance()),
        ("<input type='submit' value='I agree'>", Glance(buttons=("I agree",))),
        ("<button>Accept <span>all</span></button>", Glance(lines=("Accept all",), buttons=("Accept all",))),
        ("<noscript>Please <b>turn on</b> scripts</noscript>", Glance(noscript="Please turn on scripts")),
        ("<script src='a.js'></script>", Glance(runs_scripts=True)),
        ("<script>go()</script>", Glance(runs_scripts=True)),
        ("<script type='application/ld+json'>{}</script>", Glance()),
        ("<script>go()", Glance(runs_scripts=True)),
        ("text <", Glance(lines=("text <",))),
        ("", Glance()),
    ],
)
def test_parts_of_a_page(body: str, expected: Glance) -> None:
    assert glance(body) == expected


@given(st.text(st.sampled_from("<>/!-abpti \"'=&#x;h1script"), max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert all(line == " ".join(line.split()) and line for line in glance(text).lines)


@pytest.mark.parametrize(
    "piece", ["<script", "<noscript>", "<!--", "<a ", '<input a="', "<input ", "<", "</script", "&#", "<svg>", "-"]
)
def test_a_page_of_nothing_but_broken_tags_comes_to_an_end(piece: str) -> None:
    """A cost that grew with the square of the length would not."""
    seen = glance(f"<title>Gantry</title><p>{piece * (MOST // len(piece))}")
    assert seen.title == "Gantry"
    assert len(seen.lines) <= 1
