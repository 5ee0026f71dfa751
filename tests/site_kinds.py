"""Turns an archive into the addresses of its site: every kind of page, the heaviest pages of a kind first."""

from __future__ import annotations

from itertools import chain, zip_longest
from urllib.parse import quote

from sqlite_utils import Database

from archive import feeds
from archive.words import Topic
from pages.addresses import Addresses

TO = Addresses(lambda path: f"/{path}")
WORDS = (
    "train",
    "data",
    "we",
    "consent",
    "privacy policy",
    '"machine learning"',
    "opt out of training",
    "the",
    "zzyzx",
)
LOST = TO.change(10**9)  # there is none

# Of each kind whose pages have numbers: its address, and queries that give all numbers, in orders by what may be slow.
NUMBERED = {
    "change": (
        TO.change,
        "SELECT change_id FROM change_edits GROUP BY 1 ORDER BY count(*) DESC, 1",
        """SELECT change_id FROM change_edits JOIN flags USING (edit_id) WHERE telling = 1
           GROUP BY 1 ORDER BY count(*) DESC, 1""",
        "SELECT id FROM changes ORDER BY id DESC",
    ),
    "document": (
        TO.document,
        "SELECT document_id FROM versions GROUP BY 1 ORDER BY max(passages) DESC, 1",
        "SELECT document_id FROM versions GROUP BY 1 ORDER BY count(*) DESC, 1",
        "SELECT document_id FROM placements GROUP BY 1 ORDER BY count(*) DESC, 1",
        "SELECT id FROM documents ORDER BY id DESC",
    ),
    "version": (
        TO.version,
        "SELECT id FROM versions ORDER BY passages DESC, id",
        "SELECT id FROM versions ORDER BY length(content) DESC, id",
    ),
    "between": (
        TO.between,
        """SELECT before_version_id, after_version_id FROM changes JOIN change_edits ON change_id = changes.id
           WHERE before_version_id IS NOT NULL GROUP BY changes.id ORDER BY count(*) DESC, changes.id""",
        """SELECT min(id), max(id) FROM versions GROUP BY document_id HAVING count(*) > 1
           ORDER BY max(passages) DESC, document_id""",
        """SELECT min(id), max(id) FROM versions GROUP BY document_id HAVING count(*) > 1
           ORDER BY count(*) DESC, document_id""",
    ),
    "passage": (
        TO.passage,
        "SELECT passage_id FROM placements GROUP BY 1 ORDER BY count(DISTINCT document_id) DESC, 1",
        "SELECT passage_id FROM placements GROUP BY 1 ORDER BY count(*) DESC, 1",
        "SELECT id FROM passages ORDER BY length(text) DESC, id",
    ),
}
SERVICES = """
SELECT services.key FROM services
LEFT JOIN documents ON service_id = services.id LEFT JOIN changes ON document_id = documents.id
GROUP BY services.id ORDER BY count(changes.id) DESC, services.id"""
TABLES = """
SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'passages_fts%'
AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT IN ('bodies', 'version_fetches', 'sqlite_sequence') ORDER BY name"""


def kinds(db: Database) -> dict[str, list[str]]:
    """Every kind of page of ours with its addresses in this archive, the heaviest first.

    A kind that the archive has no page of is left out.
    """
    numbered = {kind: _numbered(db, kind) for kind in NUMBERED}
    found = {
        "front": [TO.front()],
        "services": [TO.services(), *(TO.services(topic) for topic in Topic)],
        "service": _services(db),
        **numbered,
        "beside": [f"{change}/side-by-side" for change in numbered["change"]],
        "search": [*(TO.search(q=words) for words in WORDS), TO.search()],
        "health": [TO.health()],
        "feeds": ["/-/feed/"],
    }
    return {kind: addresses for kind, addresses in found.items() if addresses}


def tables(db: Database, name: str) -> dict[str, str]:
    """Datasette's own pages: of the archive, which is called `name`, and of each table and view that it shows."""
    names = [row["name"] for row in db.query(TABLES)]
    return {"data": f"/{quote(name)}", **{table: f"/{quote(name)}/{table}" for table in names}}


def _services(db: Database) -> list[str]:
    slugs = feeds.slugs(db)
    return [TO.service(slugs[row["key"]]) for row in db.query(SERVICES)]


def _numbered(db: Database, kind: str) -> list[str]:
    """The first of each order, the second of each order and so on, each once."""
    address, *orders = NUMBERED[kind]
    ranked = [[address(*row) for row in db.conn.execute(sql)] for sql in orders]
    return list(dict.fromkeys(one for one in chain.from_iterable(zip_longest(*ranked)) if one))
