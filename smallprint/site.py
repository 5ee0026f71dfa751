"""Runs Datasette as the site of an archive, with what the roof adds: python -m smallprint.site SITE HUB serve ..."""

from __future__ import annotations

import sys

from datasette.cli import cli
from datasette.plugins import pm

from archive.settings import Telling
from smallprint.between_routes import BetweenRoutes
from smallprint.feed_routes import FeedRoutes


def main(site: str, hub: str, *words: str) -> None:
    """Datasette's own command line follows where the site is found and which hub is told; "" for none."""
    pm.register(FeedRoutes(Telling(site=site, hub=hub)))
    pm.register(BetweenRoutes())
    cli.main(list(words), prog_name="datasette")


if __name__ == "__main__":
    main(*sys.argv[1:])
