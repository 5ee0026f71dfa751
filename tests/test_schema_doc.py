"""The schema's page: what the command prints, and that docs/schema.md is that."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database

from archive.described import described
from tests.commands import smallprint

PAGE = Path(__file__).parent.parent / "docs" / "schema.md"
SQL = """-- All of it.

-- Things,
-- counted.
CREATE TABLE things (id INTEGER); -- a number
CREATE INDEX i ON things(id);

-- For people.
CREATE VIEW seen AS
SELECT 1;
"""


def test_the_page_is_what_the_command_prints() -> None:
    done = smallprint("schema")
    assert done.returncode == 0
    assert done.stdout == PAGE.read_text("utf-8"), "run `smallprint schema > docs/schema.md`"


def test_every_table_and_view_has_a_chapter_and_a_comment(db: Database) -> None:
    chapters = {part.split("\n")[0]: part for part in PAGE.read_text("utf-8").split("\n### ")[1:]}
    ours = {
        name for name in [*db.table_names(), *db.view_names()] if not name.startswith(("passages_fts_", "_", "sqlite_"))
    }
    assert set(chapters) == ours
    assert not [name for name, text in chapters.items() if text.split("\n")[2].startswith("```")]


def test_a_part_is_a_chapter_with_its_comment_and_sql() -> None:
    text = described(SQL)
    assert "\n\nAll of it.\n\n## Tables\n\n### things\n\nThings,\ncounted.\n\n```sql\nCREATE TABLE things" in text
    assert text.endswith("## Views\n\n### seen\n\nFor people.\n\n```sql\nCREATE VIEW seen AS\nSELECT 1;\n```\n")
