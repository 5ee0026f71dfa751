"""The command digest: what was recorded in the last days and not pushed, a line each with its reason."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from archive import digest, store
from archive.errors import SmallprintError
from archive.frames import frame
from archive.recording import now, written
from notify import as_text
from notify.digest import letter
from notify.layout import Reader
from smallprint.commands.options import archive_of, archive_option, config_option, json_option
from smallprint.terminal import console, safe

SPAN = re.compile(r"([0-9]{1,4})([hd])")
UNITS = {"h": "hours", "d": "days"}


@click.command("digest")
@click.option("--since", default="7d", show_default=True, metavar="SPAN|DATE", help="How far back, or from when (UTC).")
@config_option
@archive_option
@json_option
def digest_command(since: str, config: Path | None, archive: Path | None, as_json: bool) -> None:
    """Tell what was recorded of late and not pushed: each decision with its reason, the flagged first.

    The same is sent to the targets every week, or as gate.digest says.
    """
    until = now()
    start = _start(since, until)
    with store.reading(archive_of(config, archive)) as db:
        found = digest.recent(db, start, until)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    out = console()
    written = letter(found, Reader(frame()))
    out.print(safe(written.title), style="bold")
    out.print(safe(f"\n{as_text.body(written)}"))


def _start(text: str, until: str) -> str:
    """When "7d", a date or an ISO-8601 time begins, as the archive writes times. Raises SmallprintError for others."""
    span = SPAN.fullmatch(text)
    try:
        read = datetime.fromisoformat(until if span else text)
        read = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
        back = timedelta(**{UNITS[span[2]]: int(span[1])}) if span else timedelta()
        return written(read - back)
    except (ValueError, OverflowError):
        raise SmallprintError(f"{text!r} is no time: write 7d, 12h, 2026-11-15 or 2026-11-15T06:00:00Z") from None
