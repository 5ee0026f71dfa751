"""What the archive keeps of a declaration can be declared again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.places import DECLARATIONS
from archive.words import Document
from crawler import catalogue
from crawler.declaration import Declaration, Range, Source

RICH = Declaration(
    Document("Teapot", "Privacy Policy", "https://teapot.example/a"),
    (
        Source("https://teapot.example/a", ("main", Range("h1", "footer", True, False)), ("nav",), ("ref",), True),
        Source("https://teapot.example/b", (Range("#a", "#b", False, True),)),
    ),
)


def again(declaration: Declaration, folder: Path) -> tuple[Source, ...]:
    """The sources after a way through the file that the kept form would make."""
    terms = {declaration.document.type: json.loads(declaration.as_json())}
    file = folder / f"{declaration.document.service}.json"
    file.write_text(json.dumps({"name": "Any", "terms": terms}), "utf-8")
    (read,) = catalogue.load_file(file)
    return read.sources


def test_everything_a_declaration_can_say(tmp_path: Path) -> None:
    assert again(RICH, tmp_path) == RICH.sources


@pytest.mark.parametrize("service", sorted(path.stem for path in DECLARATIONS.glob("*.json"))[::7])
def test_the_shipped_ones(service: str, tmp_path: Path) -> None:
    for declaration in catalogue.load_file(DECLARATIONS / f"{service}.json"):
        assert again(declaration, tmp_path) == declaration.sources
