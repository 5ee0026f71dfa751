"""The rooms meet only on the ground: every import of the product is read, lazy and typing-only ones too."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("archive", "crawler", "diffing", "notify", "pages", "smallprint")
MAY_IMPORT = {
    "archive": {"archive"},
    "crawler": {"archive", "crawler"},
    "diffing": {"archive", "diffing"},
    "notify": {"archive", "notify"},
    "pages": {"archive", "pages"},
    "smallprint": set(ROOMS),
    "data": {"archive", "pages"},
}
BEHIND = {  # an outside library, and the modules that know it
    "bs4": ("crawler/extraction.py", "crawler/html_*.py"),
    "soupsieve": ("crawler/html_selection.py", "crawler/schema.py"),
    "pypdf": ("crawler/pdf.py",),
    "scrapy": ("crawler/*",),
    "scrapy_playwright": ("crawler/browser.py",),
    "playwright": ("crawler/browser_page.py",),
    "twisted": ("crawler/*",),
    "zope": ("crawler/*",),
    "diff_match_patch": ("archive/redline.py",),
    "dateparser": ("diffing/dates.py",),
    "feedgen": ("notify/atom.py",),
    "apprise": ("notify/addresses.py", "notify/anywhere.py"),
    "requests": ("notify/mastodon.py", "notify/web.py"),
    "urllib3": ("notify/mastodon.py", "notify/web.py"),
    "mastodon": ("notify/mastodon.py",),
    "nio": ("notify/matrix.py",),
    "aiohttp": ("notify/matrix.py",),
    "zstandard": ("archive/snapshots.py",),
    "sqlite_utils": ("archive/*",),
    "click": ("smallprint/*",),
    "rich": ("smallprint/*",),
    "datasette": (
        "data/site/*",
        *(f"pages/{name}.py" for name in ("caching", "faults", "guard", "readers", "robots", "serving", "snapshot")),
        "smallprint/*",
    ),
    "uvicorn": ("smallprint/site.py",),
}
TYPE_FOR_ALL = "sqlite_utils.Database"  # the archive in hand; every query is the archive's
LONGEST_FUNCTION, LONGEST_MODULE = 60, 300


def modules() -> list[Path]:
    """Every Python file of the product."""
    return sorted(path for room in (*ROOMS, "data") for path in (ROOT / room).rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of what is imported, wherever in the text; a relative import stays in its room."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Call):
            yield from by_name(node)


def by_name(call: ast.Call) -> Iterator[str]:
    """What importlib.import_module or __import__ is given; "?" where only the running program knows."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called in ("import_module", "__import__") and call.args:
        given = call.args[0]
        yield str(given.value) if isinstance(given, ast.Constant) else "?"


def is_allowed(place: str, name: str) -> bool:
    """Whether the module at `place` may import what has this full name."""
    room, top = place.split("/")[0], name.split(".")[0]
    if top == "?":
        return room == "smallprint"
    if top in ROOMS:
        return top in MAY_IMPORT[room]
    known = BEHIND.get(top)
    return known is None or name == TYPE_FOR_ALL or any(fnmatch(place, pattern) for pattern in known)


def wrong_imports(place: str, text: str) -> list[str]:
    """The imports that the module at `place` may not have."""
    return [f"{place} imports {name}" for name in imported(ast.parse(text)) if not is_allowed(place, name)]


def too_long(place: str, text: str) -> list[str]:
    """The functions of a module, and the module itself, that nobody reads to the end."""
    found = [
        f"{place}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    lines = len(text.splitlines())
    return found + [f"{place} has {lines} lines"] * (lines > LONGEST_MODULE)


def told(check: Callable[[str, str], list[str]]) -> list[str]:
    """What a check says of the whole product."""
    texts = [(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in modules()]
    return [fault for place, text in texts for fault in check(place, text)]


def test_the_product_is_read() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in modules()} == {*ROOMS, "data"}
    assert len(modules()) > 60


def test_rooms_meet_only_on_the_ground() -> None:
    assert told(wrong_imports) == []


def test_everything_can_be_read_at_a_sitting() -> None:
    assert told(too_long) == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("crawler/bad.py", "import diffing.compare"),
        ("crawler/bad.py", "from notify import message"),
        ("diffing/bad.py", "def lazy():\n    from crawler.extraction import extract"),
        ("diffing/bad.py", "import os, sys, crawler"),
        ("notify/bad.py", "if TYPE_CHECKING:\n    from diffing.compare import compare"),
        ("notify/bad.py", "try:\n    import smallprint\nexcept ImportError:\n    pass"),
        ("archive/bad.py", "from diffing import redline as r"),
        ("archive/bad.py", "importlib.import_module('crawler.run')"),
        ("archive/bad.py", "__import__(name)"),
        ("data/site/plugins/bad.py", "from smallprint.terminal import safe"),
        ("data/site/plugins/bad.py", "from notify.message import label"),
        ("crawler/run.py", "from bs4 import Tag"),
        ("diffing/bad.py", "import bs4.element"),
        ("diffing/compare.py", "from diff_match_patch import diff_match_patch"),
        ("notify/delivery.py", "import apprise"),
        ("notify/run.py", "import sqlite_utils"),
        ("notify/run.py", "from sqlite_utils import Database, hookimpl"),
        ("notify/run.py", "from sqlite_utils.db import Database"),
        ("diffing/run.py", "import click"),
        ("archive/bad.py", "from twisted.internet import reactor"),
        ("smallprint/bad.py", "class C:\n    async def m(self):\n        import scrapy"),
    ],
)
def test_a_wrong_import_is_found(place: str, text: str) -> None:
    assert len(wrong_imports(place, text)) == 1


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("crawler/good.py", "from archive.words import Passage\nfrom crawler import run\nfrom . import outcome"),
        ("crawler/html_good.py", "import bs4"),
        ("diffing/good.py", "from sqlite_utils import Database\nimport difflib"),
        (
            "smallprint/good.py",
            "def lazy():\n    from crawler import run\n    from notify import run\n    import click",
        ),
        ("smallprint/good.py", "importlib.import_module(name)"),
        ("data/site/plugins/good.py", "from archive import reports\nfrom datasette.app import Datasette"),
        ("archive/good.py", "# import crawler\nTEXT = 'import crawler'"),
    ],
)
def test_a_right_import_is_let_through(place: str, text: str) -> None:
    assert wrong_imports(place, text) == []


def test_a_long_function_and_a_long_module_are_found() -> None:
    long = "def f():\n" + "    pass\n" * LONGEST_FUNCTION
    assert too_long("archive/bad.py", long) == ["archive/bad.py: f has 61 lines"]
    assert too_long("archive/bad.py", f"class C:\n    async {long.replace('    ', '        ')}") == too_long(
        "archive/bad.py", long
    )
    assert too_long("archive/bad.py", "x = 1\n" * 301) == ["archive/bad.py has 301 lines"]
    assert too_long("archive/good.py", "x = 1\n" * 300) == []
