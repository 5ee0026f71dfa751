"""The command demo: tells the story of a switch that nobody was told about, with the same commands as a real run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click

from archive import reports, store
from archive.errors import SettingsError
from archive.words import Decision, EditKind
from smallprint.commands import stages
from smallprint.demo.site import DOCUMENTS, Gantry, served
from smallprint.terminal import NAMES, console, print_edit, safe

MARK = "# Written by `smallprint demo`, which writes this folder anew each time."
SETTINGS = f"""{MARK}
contact = "demo@gantry.example"
archive = "archive.db"
services = ["Gantry"]
declarations = ["declarations"]

[crawl]
delay = 0.0
allow_addresses = ["127.0.0.0/8"]

[gate]
confirm = "1s"
"""


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="smallprint-demo",
    show_default=True,
    help="Where the demo's settings and archive are left.",
)
def demo_command(folder: Path) -> None:
    """Watch a made-up network change its mind about AI training: no network, no settings, a quarter of a minute.

    Gantry's pages are served on this machine only. Everything else is what a real run does.
    """
    settings = folder / "smallprint.toml"
    _clear(folder)
    with served() as gantry:
        _write(folder, gantry)
        _say("1", "A first look at Gantry's five documents. Nothing to compare with yet, so nobody is told.")
        _crawl(settings)
        _smallprint("diff", settings)
        gantry.edition = "second"
        _say("2", "Gantry adds a switch, already on, deep in its settings. Days later it edits policy and agreement.")
        _say("3", "The second look. What is flagged is held until another look finds it there.")
        _crawl(settings)
        _smallprint("diff", settings)
        _say("4", "The third look, here a moment later and ten minutes later in earnest. It still stands.")
        _crawl(settings)
    _smallprint("diff", settings)
    _show(folder / "archive.db")
    _say("7", "The notifications, as a mailbox or a chat room would get them.")
    _smallprint("notify", settings)
    _say("8", "Look around yourself:")
    archive = os.path.relpath(folder / "archive.db")
    console().print(f"    smallprint serve --archive {archive}\n    smallprint history Gantry --archive {archive}\n")


def _show(archive: Path) -> None:
    """The flagged redlines, then what was recorded and not pushed."""
    out = console()
    with store.reading(archive) as db:
        rows = [row for row in reports.recent(db, 0) if row["decision"] != Decision.BASELINE]
        changes = [report for row in rows if (report := reports.change(db, row["change_id"]))]
    _say("5", "The flagged passages.")
    for report in changes:
        if report.flagged:
            out.print(safe(f"{report.title}"), style="bold")
        for edit, reading in report.flagged:
            print_edit(out, edit, reading)
    _say("6", "Recorded, but not worth a message:")
    for report in changes:
        out.print(safe(f"    {report.title}: {_quiet(report)}"))
    out.print()


def _quiet(report: reports.ChangeReport) -> str:
    """What of a change is not told, and why."""
    if report.decision != Decision.PUSH:
        return f"{report.decision}: {report.reason}"
    quiet = [edit for edit, reading in report.edits if not reading.flags]
    same = Counter(
        NAMES[edit.kind] if edit.kind is not EditKind.CHANGED else "renumbered" for edit in quiet if edit.same_words
    )
    parts = [f"{number} {name}" for name, number in same.items()]
    other = len(quiet) - same.total()
    return ", ".join([*parts, *([f"{other} not about AI training or consent"] if other else [])])


def _say(number: str, text: str) -> None:
    console().print(f"\n{number}  {text}\n", style="bold cyan")


def _crawl(settings: Path) -> None:
    """`smallprint crawl` in a process of its own: two crawls cannot share one."""
    sys.stdout.flush()
    done = subprocess.run([sys.executable, "-m", "smallprint", "crawl", "--config", str(settings)], check=False)  # noqa: S603
    _must(done.returncode, "crawl")


def _smallprint(command: str, settings: Path) -> None:
    """The command as a user would give it."""
    try:
        getattr(stages, f"{command}_command").main(["--config", str(settings)])
    except SystemExit as end:
        _must(end.code, command)


def _must(code: object, command: str) -> None:
    if code:
        raise SettingsError(f"the demo stopped: `smallprint {command}` ended with exit code {code}")


def _clear(folder: Path) -> None:
    """Removes what an earlier demo left; a folder that is not the demo's is not touched."""
    settings = folder / "smallprint.toml"
    if settings.exists() and MARK not in settings.read_text("utf-8"):
        raise SettingsError(f"{folder}: holds settings of your own: name another folder with --folder")
    if not settings.exists() and folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder}: is not empty: name another folder with --folder")
    for left in folder.glob("archive.db*"):
        left.unlink()


def _write(folder: Path, gantry: Gantry) -> None:
    """Settings and declarations, as `smallprint init` and a user would write them."""
    terms = {kind: {"fetch": f"{gantry.address}/{page}"} for kind, page in DOCUMENTS.items()}
    try:
        (folder / "declarations").mkdir(parents=True, exist_ok=True)
        (folder / "smallprint.toml").write_text(SETTINGS, "utf-8")
        declaration = json.dumps({"name": "Gantry", "terms": terms}, indent=2)
        (folder / "declarations" / "Gantry.json").write_text(declaration, "utf-8")
    except OSError as error:
        raise SettingsError(f"{folder}: cannot be written ({error.strerror})") from error
