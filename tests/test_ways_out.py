"""Which links of a passage lead to the refusal that is told in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.ways_out import addresses, is_open

FORM, OTHER = "https://quillo.test/object", "https://quillo.test/other"
TEXT = "We train models on your notes. You can opt out by filling in our form at any time. Read more here."
QUOTE = "You can opt out by filling in our form at any time."


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([(QUOTE, "by filling in our form")], [FORM]),
        ([(QUOTE, "")], [FORM]),
        ([("You can opt out, by FILLING in our form at any time", "")], [FORM]),  # only its words count
        ([("We train models on your notes.", "")], []),
        ([("This sentence stands elsewhere.", "our form")], []),
        ([], []),
    ],
)
def test_links_of_the_sentence_that_tells_it(told: list[tuple[str, str]], found: list[str]) -> None:
    assert addresses(TEXT, [["our form", FORM], ["here", OTHER]], told) == found


def test_links_where_to_go_come_before_others_of_the_sentence() -> None:
    text = "If you use our editor, you can object through this form."
    links = [["our editor", OTHER], ["this form", FORM]]
    assert addresses(text, links, [(text, "through this form"), (text, "")]) == [FORM]
    assert addresses(text, links, [(text, "")]) == [OTHER, FORM]
    assert addresses(text, links, [(text, "by telling us")]) == [OTHER, FORM]


def test_the_same_words_belong_to_their_own_sentences() -> None:
    text = "What we collect is told here. You can opt out here."
    links = [["here", OTHER], ["here", FORM]]
    assert addresses(text, links, [("You can opt out here.", "")]) == [FORM]
    assert addresses("There it is. Opt out here.", [["here", FORM]], [("Opt out here.", "")]) == [FORM]


def test_an_address_written_out_counts() -> None:
    text = f"You can opt out at {FORM}."
    assert addresses(text, [], [(text, f"at {FORM}")]) == [FORM]
    assert addresses(text, [[FORM, f"{FORM}?lang=en"]], [(text, f"at {FORM}")]) == [f"{FORM}?lang=en"]


@pytest.mark.parametrize(
    "words", ["Privacy Policy", "cookie policies", "Terms of Use.", "their Licence", "Cookie Notice"]
)
def test_a_link_named_like_a_document_is_none(words: str) -> None:
    text = f"To opt out, see {words} or this page."
    assert addresses(text, [[words, OTHER], ["this page", FORM]], [(text, f"see {words}")]) == [FORM]


def test_the_document_itself_is_none() -> None:
    text = "You can opt out below, above or in your settings."
    links = [["below", f"{OTHER}#choices"], ["above", f"{OTHER}/"], ["settings", FORM]]
    assert addresses(text, links, [(text, "")], [OTHER]) == [FORM]


def test_nothing_comes_of_empty_words() -> None:
    assert addresses("You can opt out.", [["", FORM], [".", FORM]], [("You can opt out.", ""), ("", "out")]) == []


@pytest.mark.parametrize(
    "address",
    [FORM, "http://127.0.0.1:8080/x", "https://bücher.test/ö?a=b#c", "https://[2606:4700::1]/", "HTTPS://A.TEST"],
)
def test_where_a_reader_can_be_sent(address: str) -> None:
    assert is_open(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,hello",
        "file:///etc/passwd",
        "mailto:keeper@quillo.test",
        "ftp://quillo.test/form",
        "//quillo.test/form",
        "https://",
        "https://user:secret@quillo.test/",
        "https://user@quillo.test/",
        "https://quillo.test/\x1b[31m",
        "https://quillo.test/\n",
        "https://quillo.test/\u202e",
        "https://quillo.test:99999/",
        "https://[oops/",
        f"https://quillo.test/{'x' * 10_000}",
        "https://www.quillo.example/settings",
        "https://example.com/opt-out",
        "https://quillo.invalid./",
    ],
)
def test_where_nobody_is_sent(address: str) -> None:
    text = "You can opt out here."
    assert not is_open(address)
    assert addresses(text, [["here", address]], [(text, "")]) == []


@given(st.text(), st.lists(st.tuples(st.text(), st.text())), st.lists(st.tuples(st.text(), st.text())))
def test_any_text_is_read(text: str, links: list[tuple[str, str]], told: list[tuple[str, str]]) -> None:
    assert all(is_open(address) for address in addresses(text, links, told))
