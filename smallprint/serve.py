"""Turns the place of an archive into the command that shows it in a browser with Datasette, to one person or to all."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from archive.settings import Telling

STATIC = "-/smallprint"  # below /-/, so that it hides no archive: a file smallprint.db is served as /smallprint

SETTINGS: dict[str, int | bool] = {
    "allow_download": False,
    "default_page_size": 50,
    "facet_time_limit_ms": 500,
    "max_csv_mb": 20,
    "num_sql_threads": 2,  # the server has one core
    "sql_time_limit_ms": 2000,
    "suggest_facets": False,  # a query for each column of each page; a column's menu offers the same
    "truncate_cells_html": 500,
}
PUBLIC: dict[str, int | bool] = SETTINGS | {
    "allow_csv_stream": False,  # a page of a table as CSV, never all of it
    "default_cache_ttl": 60,
    "facet_time_limit_ms": 200,
    "max_csv_mb": 5,
    "max_returned_rows": 500,
    "sql_time_limit_ms": 1000,
}


def command(
    archive: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    open_browser: bool = False,
    telling: Telling = Telling(),  # noqa: B008  (it is frozen)
    *,
    public: bool = False,
) -> list[str]:
    """The arguments that start Datasette on the archive, read-only, with our pages; the first is the program."""
    named = {"archive": str(archive.absolute()), "host": host, "port": port, "open_browser": open_browser}
    told = {"site": telling.site, "hub": telling.hub, "public": public}
    return [sys.executable, "-m", "smallprint.site", json.dumps(named | told)]
