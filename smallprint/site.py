"""Runs Datasette as the site of an archive, with what the roof adds: python -m smallprint.site '{"archive": …}'."""

from __future__ import annotations

import asyncio
import json
import sys
import webbrowser
from pathlib import Path
from typing import Any

import uvicorn
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils import parse_metadata

from archive import places
from archive.frozen import is_frozen
from archive.settings import Telling
from pages.serving import CONFIG
from smallprint import serve
from smallprint.between_routes import BetweenRoutes
from smallprint.feed_routes import FeedRoutes

MOST = 500  # connections at a time to a public site; the others are told to come again


def made(archive: Path, *, public: bool = False, published: bool = False, site: str = "") -> Datasette:
    """Datasette with our pages on the archive, read-only: as strangers see it, or as it is written into files.

    `site` is what its addresses begin with for others, "" if that is where a visitor has found them.
    """
    metadata = parse_metadata((places.SITE / "metadata.yml").read_text("utf-8"))
    metadata["plugins"][CONFIG] = {"public": public, "published": published, "site": site}
    frozen = is_frozen(archive)
    return Datasette(
        files=[] if frozen else [str(archive)],
        immutables=[str(archive)] if frozen else [],
        metadata=metadata,
        template_dir=str(places.SITE / "templates"),
        plugins_dir=str(places.SITE / "plugins"),
        static_mounts=[(serve.STATIC, str(places.SITE / "static"))],
        settings=serve.PUBLIC if public else serve.SETTINGS,
    )


def main(told: str) -> None:
    """Serves until a signal comes. `told` is what `serve.command` has written."""
    given: dict[str, Any] = json.loads(told)
    pm.register(FeedRoutes(Telling(site=given["site"], hub=given["hub"])))
    pm.register(BetweenRoutes())
    shown = made(Path(given["archive"]), public=given["public"], site=given["site"])
    asyncio.run(shown.invoke_startup())
    if given["open_browser"]:
        webbrowser.open(f"http://{given['host']}:{given['port']}/")
    own: dict[str, Any] = {"log_level": "info"}
    if given["public"]:
        own = {"log_level": "warning", "access_log": False, "server_header": False, "limit_concurrency": MOST}
    uvicorn.run(shown.app(), host=given["host"], port=given["port"], **own)


if __name__ == "__main__":
    main(*sys.argv[1:])
