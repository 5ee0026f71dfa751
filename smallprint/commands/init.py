"""The command init: writes a first smallprint.toml."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from archive.errors import SettingsError
from archive.places import DECLARATIONS
from archive.settings import NAME
from smallprint.terminal import console

TEMPLATE = """\
# Settings of Smallprint. Paths are relative to this file. Read by `smallprint run` and the other commands.

# An e-mail address or a page, sent to the sites you read so that they can reach you. Needed before the first run.
contact = {contact}

# Where everything is kept. Make backups of this one file.
archive = "data/archive.db"

# Services of the catalogue to watch, or one document: "LinkedIn: Privacy Policy". An empty list watches all.
services = {services}

# Folders with declarations of your own (docs/catalogue.md); they come before the shipped catalogue.
declarations = []

[crawl]
# Seconds between two requests to one host.
delay = 2.0
# How long `smallprint watch` waits between two looks at a document: sooner after a change, later where nothing changes.
interval = "12h"
# Only public addresses are fetched. To watch a page in your own network, allow its range: ["192.168.1.0/24"]
allow_addresses = []
# Pages that need JavaScript are read in the Chromium that is found (docs/crawling.md). Another one, or false: none.
# browser = "/usr/bin/chromium"

[gate]
# A change is told when it still stands so long after it was first seen; what went has to be gone longer (docs/gate.md).
confirm = "10m"
removal = "1d"
# Nothing that stays waits longer.
longest = "3d"
# How often targets are told what was recorded and not pushed. `digest = false` in a target: never.
digest = "7d"

[notify]
# A document that cannot be read for so long is a message of its own; so is its end.
silence = "2d"
# So long before a change applies, it is told again.
remind = "7d"
# The clock of schedules and quiet hours.
timezone = "UTC"
# Where this archive can be browsed: messages then link to it.
# site = "https://watch.example.org"

# Where notifications go (docs/notifications.md); without a target they are printed. `smallprint targets test me`
# [[target]]
# name = "me"
# url = "mailto://user:password@mail.example.org?to=me@example.org"   # any Apprise address
# # url_env = "SMALLPRINT_MAIL"                                       # or keep it in the environment
# topics = ["ai-training", "consent"]
# services = []
# severity = "low"            # the least that is told: low, medium or high
# regions = ["EU"]            # what is said for other regions is not told
# mode = "each"               # or "digest": what was pushed comes together, at schedule = "mon 08:00"
# quiet = "22:00-07:00"
"""


@click.command("init")
@click.option("--contact", default="", help="E-mail address or page by which a site can reach you.")
@click.option("--service", "services", multiple=True, help="A service to watch; repeat for more.  [default: all]")
@click.option("--file", "path", type=click.Path(path_type=Path), default=NAME, show_default=True, help="File to write.")
def init_command(contact: str, services: Sequence[str], path: Path) -> None:
    """Write smallprint.toml here: who you are, which services to watch, where to tell you.

    On a terminal it asks for what was not given; elsewhere it asks nothing. An existing file is never overwritten.
    """
    from crawler import catalogue

    if path.exists():
        raise SettingsError(f"{path}: exists already: edit it, or name another file with --file")
    known = catalogue.load([DECLARATIONS])
    if sys.stdin.isatty() and sys.stdout.isatty():
        contact = contact or click.prompt("Your e-mail address or page, for the sites you read")
        services = services or _asked(sorted(known))
    catalogue.find(known, services)
    _write(path, TEMPLATE.format(contact=_toml(contact), services=_toml(list(services))))
    out = console()
    out.print(f"Wrote {path}; to be watched: {', '.join(services) or f'all {len(known)} services of the catalogue'}.")
    out.print("Next: smallprint run" if contact else f"Next: put your contact into {path}, then: smallprint run")


def _asked(names: Sequence[str]) -> list[str]:
    click.echo(f"{len(names)} services are in the catalogue:\n  {', '.join(names)}")
    answer = click.prompt("Watch which? Names with commas, or Enter for all", default="", show_default=False)
    return [name.strip() for name in answer.split(",") if name.strip()]


def _write(path: Path, text: str) -> None:
    try:
        (path.parent / "data").mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from error


def _toml(value: str | list[str]) -> str:
    """A text or list of texts as TOML; JSON's form is TOML's too, but for the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
