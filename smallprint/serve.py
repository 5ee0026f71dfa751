"""Turns the place of an archive into the command that shows it in a browser with Datasette."""

from __future__ import annotations

import sys
from pathlib import Path

from archive import places
from archive.settings import Telling

STATIC = "-/smallprint"  # below /-/, so that it hides no archive: a file smallprint.db is served as /smallprint

SETTINGS = {
    "allow_download": "off",
    "default_page_size": "50",
    "facet_time_limit_ms": "500",
    "max_csv_mb": "20",
    "num_sql_threads": "2",  # the server has one core
    "sql_time_limit_ms": "2000",
    "suggest_facets": "off",  # a query for each column of each page; a column's menu offers the same
    "truncate_cells_html": "500",
}


def command(
    archive: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    open_browser: bool = False,
    telling: Telling = Telling(),  # noqa: B008  (it is frozen)
) -> list[str]:
    """The arguments that start Datasette on the archive, read-only, with our pages; the first is the program."""
    argv = [sys.executable, "-m", "smallprint.site", telling.site, telling.hub, "serve", str(archive.absolute())]
    argv += ["--metadata", str(places.SITE / "metadata.yml"), "--template-dir", str(places.SITE / "templates")]
    argv += ["--plugins-dir", str(places.SITE / "plugins"), "--static", f"{STATIC}:{places.SITE / 'static'}"]
    argv += ["--host", host, "--port", str(port)]
    for name, value in SETTINGS.items():
        argv += ["--setting", name, value]
    return [*argv, "--open"] if open_browser else argv
