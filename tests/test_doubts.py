"""What may be a bad capture beside the text that stands: shrunk, in another language, from elsewhere; and belief."""

from __future__ import annotations

import pytest

from archive import languages
from crawler.doubts import SHRUNK, Seen, elsewhere, foreign, is_believed, shrunk
from crawler.locales import moved
from diffing import gate

KNOWN = languages.ours()


def test_shrunk_is_less_than_half_as_for_the_gate() -> None:
    assert SHRUNK == gate.SHRUNK
    assert shrunk(312, 5120) == "only 312 of 5,120 words are left"
    assert shrunk(50, 100) == ""
    assert shrunk(3, 0) == ""


@pytest.mark.parametrize(
    ("language", "expected", "doubt"),
    [
        ("de", ["en"], "the page is in German, the document in English"),
        ("de", ["en-US", ""], "the page is in German, the document in English"),
        ("de", ["", "fr", "de-AT"], ""),
        ("de", ["xx"], "the page is in German, the document in xx"),
        ("", ["en"], ""),
        ("de", [""], ""),
        ("de", [], ""),
    ],
)
def test_a_language_that_nobody_expects(language: str, expected: list[str], doubt: str) -> None:
    assert foreign(language, expected, KNOWN) == doubt


@pytest.mark.parametrize(
    ("before", "now", "evidence"),
    [
        ("https://gantry.example/en-us/privacy", "https://gantry.example/de-de/privacy", "/de-de/ instead of /en-us/"),
        ("https://gantry.example/legal/us/p", "https://gantry.example/legal/de/p", "/de/ instead of /us/"),
        ("https://gantry.example/en_US/p", "https://gantry.example/fr/p", "/fr/ instead of /en-us/"),
        ("https://gantry.example/p?hl=en", "https://gantry.example/p?hl=de", "hl=de instead of hl=en"),
        ("https://gantry.example/p?locale=en_GB&x=1", "https://gantry.example/p?x=1&locale=it_IT",
         "locale=it-it instead of locale=en-gb"),
        ("https://en.gantry.example/p", "https://de.gantry.example/p",
         "de.gantry.example instead of en.gantry.example"),
        ("https://www.gantry.com/p", "https://www.gantry.de/p", "gantry.de instead of gantry.com"),
        ("https://gantry.co.uk/p", "https://gantry.fr/p", "gantry.fr instead of gantry.uk"),
    ],
)  # fmt: skip
def test_an_address_of_another_place(before: str, now: str, evidence: str) -> None:
    assert moved(before, now) == evidence


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("https://gantry.example/privacy", "https://gantry.example/de-de/privacy"),
        ("https://gantry.example/en-us/privacy", "https://gantry.example/privacy"),
        ("https://gantry.example/en/privacy", "https://gantry.example/en-gb/privacy"),
        ("https://gantry.example/us/privacy", "https://gantry.example/en-us/privacy"),
        ("https://gantry.example/en-us/privacy", "https://gantry.example/en-us/datenschutz"),
        ("https://gantry.example/legal/tos", "https://gantry.example/legal/api"),
        ("https://gantry.com/p", "https://gantry.ai/p"),
        ("https://gantry.com/p", "https://brill.de/p"),
        ("https://gantry.com/p", "https://help.gantry.de/p"),
        ("https://gantry.example/p?v=1", "https://gantry.example/p?v=2"),
        ("https://10.0.0.1/p", "https://10.0.0.2/p"),
        ("", "https://gantry.de/p"),
    ],
)
def test_an_address_that_says_nothing_of_a_place_or_the_same(before: str, now: str) -> None:
    assert moved(before, now) == ""


def test_only_a_redirect_leads_elsewhere() -> None:
    english, german = "https://gantry.example/en/", "https://gantry.example/de/"
    assert elsewhere(german, german, english) == ""
    assert elsewhere("https://gantry.example/", german, english) == (
        "led to another region or language: /de/ instead of /en/"
    )


def short(hour: int, text: str = "short", words: int = 10) -> Seen:
    """A doubted text so many hours after the first."""
    return Seen(f"2026-03-{1 + hour // 24:02}T{hour % 24:02}:00:00Z", text, words)


@pytest.mark.parametrize(
    ("hours", "believed"),
    [((48, 24, 0), True), ((48, 0), False), ((47, 24, 0), False), ((50, 49, 3, 2), True), ((48, 47, 46), False)],
)
def test_a_text_is_believed_after_three_fetches_over_two_days(hours: tuple[int, ...], believed: bool) -> None:
    now, *earlier = map(short, hours)
    assert is_believed(now, earlier) is believed


def test_a_longer_text_in_between_begins_the_count_anew_and_a_shorter_one_does_not() -> None:
    now, early, first = short(72), short(48), short(0)
    assert not is_believed(now, [early, short(24, "longer", 11), first])
    assert is_believed(now, [early, short(24, "shorter", 9), first])
