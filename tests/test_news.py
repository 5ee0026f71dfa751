"""What is news of a passage, given what it has done before, and how long it has to stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archive.settings import Waits
from archive.words import Edit, EditKind, Reading
from diffing.news import Item, Past, Wait, item_of, known, wait
from tests.builders import WORDS, added, flag

DAY = timedelta(days=1)
WAITS = Waits()
CAME, WENT = Item(0, True, WORDS), Item(0, False, WORDS)
NEW = Past()
STOOD = Past(stood=200 * DAY)
BACK = Past(stood=3 * DAY, again=True)  # what went had come back three days before


def test_a_flag_on_the_new_words_makes_what_came() -> None:
    edit, reading = added(WORDS, "", flag())
    assert item_of(4, edit, reading) == Item(4, True, WORDS)


def test_a_flag_on_the_old_words_alone_makes_what_went() -> None:
    edit = Edit(EditKind.CHANGED, "", WORDS, "We keep your notes.")
    assert item_of(0, edit, Reading((flag(side="before"),))) == WENT
    both = Reading((flag(side="before"), flag("We keep your notes.")))
    assert item_of(0, edit, both) == Item(0, True, "We keep your notes.")


def test_what_is_not_flagged_makes_nothing() -> None:
    assert item_of(0, *added("The office is in Oslo.")) is None


@pytest.mark.parametrize(
    ("item", "past", "why"),
    [
        (CAME, NEW, ""),
        (CAME, Past(gone=29 * DAY), "stood here 29 days ago"),
        (CAME, Past(gone=timedelta(hours=3)), "stood here less than a day ago"),
        (CAME, Past(gone=30 * DAY), ""),
        (CAME, Past(gone=3 * DAY, unheard=True), ""),
        (CAME, Past(alike=True), "stood here in other words that say the same"),
        (CAME, Past(gone=40 * DAY, told_came=89 * DAY), "told 89 days ago"),
        (CAME, Past(gone=40 * DAY, told_came=90 * DAY), ""),
        (CAME, Past(gone=40 * DAY, told_came=60 * DAY, told_went=39 * DAY), ""),
        (WENT, STOOD, ""),
        (WENT, Past(stood=DAY), ""),
        (WENT, Past(stood=10 * DAY, told_came=10 * DAY), ""),
        (WENT, replace(STOOD, told_went=50 * DAY), "told 50 days ago"),
        (WENT, replace(STOOD, told_went=50 * DAY, told_came=20 * DAY), ""),
        (WENT, BACK, ""),
        (WENT, replace(BACK, told_went=100 * DAY), "it was back for a short time only"),
        (WENT, replace(STOOD, alike=True), "what went is said in other words still"),
    ],
)
def test_why_nobody_need_be_told(item: Item, past: Past, why: str) -> None:
    assert known(item, past) == why


@pytest.mark.parametrize(
    ("item", "past", "expected"),
    [
        (CAME, NEW, Wait(WAITS.confirm, unbroken=False)),
        (CAME, Past(gone=40 * DAY), Wait(WAITS.longest, unbroken=True)),
        (CAME, Past(gone=3 * DAY, unheard=True), Wait(WAITS.confirm, unbroken=False)),
        (WENT, STOOD, Wait(WAITS.removal, unbroken=True)),
        (WENT, BACK, Wait(WAITS.longest, unbroken=True)),
    ],
)
def test_how_long_it_has_to_stand(item: Item, past: Past, expected: Wait) -> None:
    assert wait(item, past, WAITS) == expected
