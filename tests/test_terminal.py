"""What a terminal shows of a flagged edit, and what a page's words cannot do to it."""

from __future__ import annotations

import io

from rich.console import Console

from archive.words import Edit, EditKind, Fact, Reading
from smallprint.terminal import print_edit
from tests.builders import WORDS, added, flag


def shown(edit: Edit, reading: Reading) -> str:
    out = Console(file=io.StringIO(), width=200, highlight=False, markup=False)
    out.soft_wrap = True
    print_edit(out, edit, reading)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_a_flag_tells_its_severity_and_why() -> None:
    told = shown(*added(WORDS, "Data › AI", flag(why="train near models +0.60, company acts +0.30")))
    assert told.splitlines()[:2] == [
        "  new  Data › AI",
        "  ⚑ AI training: allows more  (high; rule rule, score 0.90: train near models +0.60, company acts +0.30)",
    ]
    assert "score 0.90)" in shown(*added(WORDS, "", flag()))


def test_words_of_a_page_steer_nothing() -> None:
    steering = "\x1b[2J\u202e[red]"
    fact = Fact("optout", steering, steering)
    told = shown(Edit(EditKind.ADDED, steering, "", steering), Reading((flag(why=steering),), (fact,)))
    assert not set(told) & set("\x1b\u202e")
    assert told.count("[red]") == 4
