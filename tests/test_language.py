"""Languages: which one a text is in, when nobody can say, and what the file that knows them may say."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import languages
from archive.errors import RuleError
from archive.language import MOST_CHARACTERS, MOST_PASSAGES, detector, sample
from archive.languages import FILE, marked
from archive.words import Kind, Passage
from tests.builders import paragraphs
from tests.languages import TEXTS

OURS = languages.ours()
NAMES = "Amazon Web Services, Google Ireland Limited, Stripe Payments, Zendesk, Cloudflare, Twilio, Mailchimp, Segment"
PEOPLE = "Maria García López, Jean-Pierre Dubois, Hans Müller, Giulia Rossi, João da Silva, Luis de la Vega"
COOKIES = (
    "_ga 2 years analytics visitor.example",
    "NID 6 months marketing ads.example",
    "JSESSIONID session necessary quillo.example",
    "_fbp 3 months marketing social.example",
)
DIGITS = "12 345 678 90 2024 31.12.2026 100% 5 10 15 20 99.9 (1) (2) 7/8"
MENU = "Deutsch English Español Français Italiano Nederlands Polski Português Русский 日本語 中文 한국어 العربية"
STATES = "Austria, Belgium, Bulgaria, Croatia, Cyprus, Czechia, Denmark, Estonia, Finland, France, Germany, Greece"
IMPRINT = "Quillo AG Seestrasse 7 8203 Schaffhausen Commercial register CH-290 General Manager Dominik Frei"
FRENCH_ADDRESS = (
    "Quillo SAS",
    "14 rue de la Paix, 75002 Paris, France, RCS Paris 123 456 789",
    "Commission Nationale de l'Informatique et des Libertés, 3 place de Fontenoy, 75007 Paris",
)
TERSE = (
    "You may not resell access.",
    "Fees are due in advance.",
    "Prices may change with 30 days' notice.",
    "No refunds.",
    "Swiss law applies.",
)


def told(*texts: str) -> str:
    """The language of a page of these paragraphs."""
    return detector(OURS).of(paragraphs(*texts))


@pytest.mark.parametrize("code", TEXTS)
def test_a_paragraph_is_known_for_its_language(code: str) -> None:
    assert told(TEXTS[code]) == code


def test_every_language_that_can_be_told_is_tested() -> None:
    by_script = {"el", "he", "ja", "ko", "zh", "th", "hi"}
    assert set(TEXTS) == set(OURS.words) | by_script


@pytest.mark.parametrize("code", ["fr", "vi", "cs", "ko"])
def test_letters_and_their_accents_may_stand_apart(code: str) -> None:
    assert told(normalize("NFD", TEXTS[code])) == code


def test_capitals_are_read_as_small_letters() -> None:
    assert told(TEXTS["de"].upper().replace("SS", "ß")) == "de"


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("",),
        ("Hello.",),
        (DIGITS,),
        (NAMES,),
        (PEOPLE,),
        (MENU,),
        (STATES,),
        (IMPRINT,),
        COOKIES,
        FRENCH_ADDRESS[:2],
    ],
)
def test_where_there_is_too_little_nothing_is_told(texts: tuple[str, ...]) -> None:
    assert told(*texts) == ""


def test_terse_english_is_english() -> None:
    assert told(*TERSE) == "en"


def test_an_english_page_with_a_french_address_is_english() -> None:
    assert told(TEXTS["en"], *FRENCH_ADDRESS) == "en"


def test_a_french_page_with_english_names_and_one_english_sentence_is_french() -> None:
    assert told(TEXTS["fr"], NAMES, "Pour les autres pays, " + TEXTS["fr"], "This page is not available.") == "fr"


@pytest.mark.parametrize("other", ["de", "fr", "es", "it", "pl", "ru", "zh"])
def test_a_page_that_says_all_in_english_too_is_never_another_language(other: str) -> None:
    assert told(TEXTS[other], TEXTS["en"]) in ("", "en")


def test_a_page_in_many_languages_is_in_doubt() -> None:
    assert told(*(TEXTS[code] for code in ("es", "pt", "de", "fr", "pl", "it", "sv"))) == ""


def test_chinese_with_a_japanese_name_is_chinese() -> None:
    assert told(TEXTS["zh"], TEXTS["zh"], "ソニー") == "zh"


def test_headings_do_not_count_and_rows_only_where_there_is_nothing_else() -> None:
    english = [Passage(Kind.HEADING, TEXTS["en"], 1)] * 3 + [Passage(Kind.ROW, TEXTS["en"])] * 3
    assert detector(OURS).of(english + paragraphs(TEXTS["fr"])) == "fr"
    assert detector(OURS).of(english) == "en"
    assert detector(OURS).of(english[:3]) == ""


def test_a_sample_is_spread_over_the_text() -> None:
    passages = paragraphs(*(f"{n} {'word ' * (n % 7)}" for n in range(200)))
    taken = [int(line.split()[0]) for line in sample(passages).splitlines()]
    assert len(taken) == MOST_PASSAGES
    assert [n // 10 for n in taken] == list(range(20))


@given(st.lists(st.tuples(st.sampled_from(Kind), st.text(max_size=300)), max_size=60))
def test_a_sample_is_bounded_and_any_text_has_one_language_or_none(texts: list[tuple[Kind, str]]) -> None:
    passages = [Passage(kind, text) for kind, text in texts]
    assert len(sample(passages)) < MOST_CHARACTERS + MOST_PASSAGES
    assert detector(OURS).of(passages) in {"", *OURS.names}


# Names and marks


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("", ""),
        ("en", ""),
        ("en-GB", ""),
        ("EN", ""),
        ("fr", "French"),
        ("fr-CA", "French"),
        ("PT-br", "Portuguese"),
        ("nb", "Norwegian"),
        ("tlh", "tlh"),
    ],
)
def test_what_is_not_read_is_named(code: str, name: str) -> None:
    assert OURS.not_read(code) == name


def test_the_mark_is_what_was_promised() -> None:
    assert marked("French") == "not read for meaning: French"
    assert marked("") == ""


def test_languages_with_rules_are_data(tmp_path: Path) -> None:
    entries = '[language.fr]\nname = "French"\nwords = "le la"\n[language.en]\nname = "English"\n'
    (tmp_path / FILE).write_text('[reads]\nlanguages = ["fr"]\n' + entries, "utf-8")
    known = languages.load(tmp_path)
    assert (known.not_read("fr"), known.not_read("en"), known.words) == ("", "English", {"fr": ("le", "la")})


def test_rules_without_the_file_read_english(tmp_path: Path) -> None:
    known = languages.load(tmp_path)
    assert (known.reads, known.names, known.words) == ({"en"}, {}, {})
    assert (known.not_read("en"), known.not_read("fr")) == ("", "fr")
    assert detector(known).of(paragraphs(TEXTS["fr"])) == ""


READS = '[reads]\nlanguages = ["en"]\n'
ENGLISH = '[language.en]\nname = "English"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[reads\n", f"{FILE}: "),
        ("[read]\n", 'unknown table "read"'),
        (ENGLISH, "reads.languages must be a list"),
        ("[reads]\nlanguages = []\n", "reads.languages must be a list"),
        ('[reads]\nlanguages = "en"\n', "reads.languages must be a list"),
        (READS, 'names "en", but there is no [language.en]'),
        ("reads = 1\n", "reads must be a table"),
        (READS + "[language]\nen = 1\n", "en must be a table"),
        (READS + "[language.en]\n", "language.en: name must be a text"),
        (READS + ENGLISH + "words = 3\n", "language.en: words must be a text"),
        (READS + ENGLISH + "word = 3\n", 'language.en: unknown key "word"'),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(RuleError) as fault:
        languages.load(tmp_path)
    assert says in str(fault.value)
    assert "\n" not in str(fault.value)


def test_no_word_stands_twice_with_a_language() -> None:
    for code, words in OURS.words.items():
        assert sorted(words) == sorted(set(words)), code
        assert all(word == normalize("NFC", word.lower()) and word.isalpha() for word in words), code
