"""The words around what a page says: every language has the same texts with the same braces, and all of them format."""

from __future__ import annotations

import tomllib
from string import Formatter

import pytest

from archive.frames import frame
from archive.labels import FACTS as KINDS
from archive.places import FRAMES, languages_of_frames
from archive.targets import ENGLISH
from archive.words import Effect, Flag, Mechanism, Severity, Topic
from notify import as_text
from tests.letters import changed

OTHERS = [language for language in languages_of_frames() if language != ENGLISH]
TEXTS = [(part, name) for part, texts in frame().texts.items() for name in texts]
LETTER = """\
KI-Training: erlaubt mehr
Wichtigkeit: hoch

So widersprechen Sie: Settings › Data
Gilt ab: 2026-05-01

Unter „AI“ steht jetzt (KI-Training: erlaubt mehr):
  “We [entfallen: never] use what you write to train our models[neu: , unless you object].”

Seite: https://quillo.example/privacy
Alle Änderungen: https://watch.example/-/change/7

Gesehen am 2026-03-02; der Text davor zuletzt am 2026-03-01.
Beleg: SHA-256 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef

Nachricht: sp-7-1"""


def braces(text: str) -> set[str]:
    """The names of what is put in; nothing else may stand in them."""
    found = list(Formatter().parse(text))
    assert not any(form or conversion for _, name, form, conversion in found if name is not None)
    return {name for _, name, _, _ in found if name is not None}


def test_there_are_several_languages() -> None:
    assert {"de", "es", "fr", "it"} <= set(OTHERS)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_texts(language: str) -> None:
    own = frame(language).texts
    assert [(part, name) for part, texts in own.items() for name in texts] == TEXTS


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_has_the_same_braces(language: str) -> None:
    own = frame(language).texts
    for part, name in TEXTS:
        assert braces(own[part][name]) == braces(frame().texts[part][name]), f"[{part}] {name}"


@pytest.mark.parametrize("language", languages_of_frames())
def test_every_text_formats(language: str) -> None:
    for part, name in TEXTS:
        text = frame(language).texts[part][name]
        said = frame(language).say(part, name, **{value: f"<{value}>" for value in braces(text)})
        assert all(f"<{value}>" in said for value in braces(text))
        assert text.strip() or name == "and"


@pytest.mark.parametrize("language", languages_of_frames())
def test_a_text_ends_as_the_english_one_does(language: str) -> None:
    """Sentences are sentences in each language, and what goes before something ends with a colon."""
    own = frame(language).texts
    for part, name in TEXTS:
        assert (own[part][name][-1] in ".:") is (frame().texts[part][name][-1] in ".:"), f"[{part}] {name}"


@pytest.mark.parametrize("language", languages_of_frames())
def test_everything_that_is_found_has_a_name(language: str) -> None:
    texts = frame(language).texts
    assert set(texts["topics"]) == set(Topic)
    assert set(texts["effects"]) == set(Effect) - {Effect.NONE}
    assert set(texts["mechanisms"]) == set(Mechanism)
    assert set(texts["facts"]) == set(KINDS)
    assert set(texts["severity"]) == set(Severity)


@pytest.mark.parametrize("language", languages_of_frames())
def test_every_flag_has_a_label_of_its_own(language: str) -> None:
    kinds: list[tuple[Topic, Effect, tuple[Mechanism, ...]]]
    kinds = [(topic, effect, ()) for topic in Topic for effect in Effect]
    kinds += [(Topic.CONSENT, Effect.NONE, (mechanism,)) for mechanism in Mechanism]
    labels = [frame(language).label(Flag(*kind[:2], "words", "after", "rule", 0.9, kind[2])) for kind in kinds]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("language", OTHERS)
def test_a_table_is_written_once_and_for_people(language: str) -> None:
    """No text is left in English by oversight."""
    own = frame(language).texts
    same = {(part, name) for part, name in TEXTS if own[part][name] == frame().texts[part][name]}
    alike = {("change", "title"), ("change", "documents"), ("change", "page"), ("message", "reference")}
    alike |= {("silence", "documents"), ("facts", "third_party")}
    assert same <= alike


def test_a_change_in_german() -> None:
    told = changed(language="de")
    assert told.title == "Quillo, Privacy Policy: KI-Training"
    assert as_text.body(told) == LETTER


def test_the_files_are_plain() -> None:
    for path in FRAMES.iterdir():
        assert path.suffix == ".toml"
        text = path.read_text("utf-8")
        assert all(isinstance(words, str) for part in tomllib.loads(text).values() for words in part.values())
        assert "\t" not in text
