"""Turns the commented schema into a page for people: each table and view with its comment and its SQL."""

from __future__ import annotations

import re
from importlib.resources import files

NAMED = re.compile(r"CREATE (?:VIRTUAL )?(TABLE|VIEW) (\w+)")
HEAD = """# The schema

Printed by `smallprint schema` from `archive/schema.sql`, with which every archive begins.
"""


def schema() -> str:
    """The page, as Markdown."""
    return described(files("archive").joinpath("schema.sql").read_text("utf-8"))


def described(sql: str) -> str:
    """The page of a schema whose parts are apart by an empty line, each a comment and the statements it is about."""
    pages: dict[str, list[str]] = {"INTRO": [], "TABLE": [], "VIEW": []}
    for part in re.split(r"\n{2,}", sql.strip()):
        comment, statements = _split(part)
        named = NAMED.match(statements)
        if named:
            pages[named[1]].append(f"### {named[2]}\n\n{comment}\n\n```sql\n{statements}\n```\n")
        else:
            pages["INTRO"].append(f"{comment}\n")
    return "\n".join([HEAD, *pages["INTRO"], "## Tables\n", *pages["TABLE"], "## Views\n", *pages["VIEW"]])


def _split(part: str) -> tuple[str, str]:
    """The comment before the first statement, and the rest."""
    lines = part.splitlines()
    count = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(line.removeprefix("--").strip() for line in lines[:count]), "\n".join(lines[count:])
