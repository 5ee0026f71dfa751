"""Runs `smallprint run` on the same pages, as a user does, and reads in its archive what it recorded and pushed."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from crawl_rounds import Ground, Net, Took, round_of

SETTINGS = """
archive = "archive.db"
contact = "keeper@example.org"
services = {services}
declarations = ["declarations"]
[crawl]
delay = 0
allow_addresses = ["127.0.0.0/8"]
"""
COMMAND = (sys.executable, "-m", "smallprint", "run")
NEWER = """SELECT documents.type, decision FROM versions JOIN documents ON documents.id = versions.document_id
           LEFT JOIN changes ON after_version_id = versions.id WHERE versions.id > ?"""
NEWEST = "SELECT coalesce(max(id), 0) FROM versions"
OUTCOMES = "SELECT outcome, count(*) FROM fetches WHERE id > ? GROUP BY outcome ORDER BY outcome"
NEWEST_FETCH = "SELECT coalesce(max(id), 0) FROM fetches"


class Recorded:
    """What a round brought: the decision on each page that has a new version, and how the fetches ended."""

    def __init__(self, rows: Sequence[tuple[str, str]], outcomes: dict[str, int]) -> None:
        self.decisions = {kind.partition("(")[2].rstrip(")"): decision for kind, decision in rows}
        self.outcomes = outcomes


def rounds(where: Ground, net: Net, folder: Path) -> Iterator[tuple[Took, Recorded]]:
    """Two rounds from an empty folder: what each took, and what it recorded."""
    folder.mkdir()
    declare(where, folder)
    settings, archive = folder / "smallprint.toml", folder / "archive.db"
    env = {"SMALLPRINT_CONFIG": str(settings), "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled")}
    for number in (1, 2):
        before, fetched = value(archive, NEWEST), value(archive, NEWEST_FETCH)
        took = round_of(where, number, net, COMMAND, env)
        with closing(sqlite3.connect(archive)) as db:
            rows, outcomes = db.execute(NEWER, (before,)).fetchall(), dict(db.execute(OUTCOMES, (fetched,)))
        yield took, Recorded(rows, outcomes)


def declare(where: Ground, folder: Path) -> None:
    """The settings, and a service for each host with a document for each page, whose text is to be found."""
    services = defaultdict[str, dict[str, object]](dict)
    for page in where.pages:
        services[f"Host {page['host']}"][f"Help Page ({page['name']})"] = {"fetch": where.url(page)}
    (folder / "declarations").mkdir()
    for name, terms in services.items():
        (folder / "declarations" / f"{name}.json").write_text(json.dumps({"name": name, "terms": terms}))
    (folder / "smallprint.toml").write_text(SETTINGS.format(services=json.dumps(list(services))))


def value(archive: Path, sql: str) -> int:
    """The only figure of a query; 0 where there is no archive yet."""
    if not archive.exists():
        return 0
    with closing(sqlite3.connect(archive)) as db:
        return int(db.execute(sql).fetchone()[0])
