"""The command import: takes in what Open Terms Archive has published."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.progress import ProgressColumn as Column
from rich.text import Text
from sqlite_utils import Database

from archive import settings, store
from archive.errors import SettingsError
from archive.places import RULES
from archive.settings import Settings
from smallprint import announcing
from smallprint.commands.options import archive_option, config_option, settings_of
from smallprint.terminal import console, safe

if TYPE_CHECKING:
    from crawler.declaration import Declaration
    from crawler.ota_commits import Report, Told

FOLDER = click.Path(path_type=Path, file_okay=False)
_origin_option = click.option(
    "--origin", default="", metavar="NAME", help="Which collection it is, to tell several apart."
)

_notify_option = click.option(
    "--notify",
    is_flag=True,
    help="Queue what is flagged of the last 30 days: the next notify or run delivers it.  [default: nobody is told]",
)


@click.group("import")
def import_command() -> None:
    """Take in declarations, recorded versions and recorded pages of Open Terms Archive."""


@import_command.command("ota-declarations")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--into", type=FOLDER, help="Folder to write to.  [default: the first of 'declarations' in the settings]")
@config_option
def import_declarations(path: Path, into: Path | None, config: Path | None) -> None:
    """Turn the service declarations in PATH (a declarations repository or a folder of JSON files) into ours.

    What cannot be taken over is named, document by document. Your own files are never overwritten.
    """
    from crawler.ota_declarations import import_folder

    report = import_folder(path, into or _own_folder(config))
    out = console()
    for words, lines in (
        ("not taken", report.refused),
        ("taken without its filter, which is JavaScript", report.without_filter),
        ("yours kept, it differs", report.kept),
    ):
        for line in lines:
            out.print(safe(f"{words}: {line}"))
    out.print(f"{len(report.written)} services written, {len(report.unchanged)} already there.")


@import_command.command("ota-versions")
@click.argument("path", type=click.Path(path_type=Path))
@_origin_option
@_notify_option
@config_option
@archive_option
def import_versions(path: Path, origin: str, notify: bool, config: Path | None, archive: Path | None) -> None:
    """Take in the history in PATH, a versions repository of Open Terms Archive or a bundle of it.

    Every version is compared and flagged as of its date. What is here already is not taken again, and an import that
    was stopped goes on where it stopped.
    """
    from crawler import ota_versions

    own = _settings(config, archive)
    _import(own, lambda db, told: ota_versions.import_versions(db, path, origin, told), notify)


@import_command.command("ota-snapshots")
@click.argument("path", type=click.Path(path_type=Path))
@_origin_option
@_notify_option
@config_option
@archive_option
def import_snapshots(path: Path, origin: str, notify: bool, config: Path | None, archive: Path | None) -> None:
    """Take in the pages in PATH, a snapshots repository of Open Terms Archive or a bundle of it.

    Every page is kept and read with our rules: as its document is declared here, else by finding the main content. Then
    as with ota-versions.
    """
    from crawler import ota_snapshots

    own = _settings(config, archive)
    _import(own, lambda db, told: ota_snapshots.import_pages(db, path, lambda: _declared(own), origin, told), notify)


def _declared(own: Settings) -> list[Declaration]:
    """All that is declared: what is chosen in the settings is chosen for fetching."""
    from crawler import options  # Scrapy is behind it, which takes long to load

    return options.declarations(replace(own, services=()))


def _import(own: Settings, take: Callable[[Database, Told], Report], notify: bool) -> None:
    """Takes in and compares, with a bar; tells what came of it."""
    from notify import queueing

    with store.writing(own.archive) as db, _progress() as bar:
        report, decisions = _take(db, own.archive, bar, take)
        if notify:
            with announcing.queued(own.telling, db, lambda line: console().print(safe(line)), report.origin):
                queueing.queue_news(db, own.targets, report.origin)
    out = console()
    for words, number in sorted(report.refused.items()):
        out.print(safe(f"{number} left out: {words}"))
    out.print(f"{report.records} new records of {report.documents} documents, {report.versions} new versions.")
    if decisions:
        out.print(f"Compared {decisions.total()} versions: {_told(decisions)}.")


def _take(
    db: Database, archive: Path, bar: Progress, take: Callable[[Database, Told], Report]
) -> tuple[Report, Counter[str]]:
    """What was recorded, and how many versions got each decision in the end; both go on at once."""
    from archive.changes import pending_count
    from diffing.ahead import Ahead

    decisions = dict[int, str]()
    recording, comparing = bar.add_task("recording", total=None), bar.add_task("comparing", total=None)
    with Ahead(db, archive, RULES) as ahead:

        def told(done: int, of: int) -> None:
            bar.update(recording, advance=done, total=of)
            decisions.update((change, made.decision) for change, made in ahead.go_on())

        report = take(db, told)
        bar.update(comparing, total=len(decisions) + pending_count(db))
        for change, made in ahead.finish():
            decisions[change] = made.decision
            bar.update(comparing, completed=len(decisions))
    return report, Counter(decisions.values())


class _Rate(Column):
    """How many in a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def _progress() -> Progress:
    """Shown on a terminal only, and gone when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    return Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _told(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items()))


def _settings(config: Path | None, archive: Path | None) -> Settings:
    """The settings; where the archive is named, there may be none: then there is the catalogue."""
    try:
        settings.find(config)
    except SettingsError:
        if config or not archive:
            raise
        return Settings(Path(), archive.absolute())
    return settings_of(config, archive)


def _own_folder(config: Path | None) -> Path:
    """Where the operator's declarations lie."""
    own = settings_of(config, None)
    if not own.declarations:
        raise click.UsageError(
            "name a folder: --into FOLDER, or 'declarations = [\"declarations\"]' in smallprint.toml"
        )
    return own.declarations[0]
