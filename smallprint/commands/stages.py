"""The commands that work on the archive: run, and its three stages crawl, diff and notify."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.progress import Progress
from sqlite_utils import Database

from archive import links, recording, store
from archive.places import RULES
from archive.settings import Settings
from archive.words import Decision
from smallprint import announcing, timetable
from smallprint.commands.options import archive_option, config_option, settings_of
from smallprint.terminal import console, safe

if TYPE_CHECKING:
    from crawler.declaration import Declaration


Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """How a stage ended: whether nobody is needed, and what was done, in a line ("" for nothing)."""

    fine: bool
    line: str


@click.command("run")
@config_option
@archive_option
def run_command(config: Path | None, archive: Path | None) -> None:
    """One cycle: fetch the documents, compare what is new, tell the targets.

    Every document is fetched, but for those whose host has asked for fewer requests. Exit code 1 where a document
    could not be read or a notification did not get through.
    """
    own = settings_of(config, archive)
    check_targets(own)
    with store.writing(own.archive) as db:
        fine = [_crawl_by_hand(own, db), _told(diff(own, db, _say)), notify(own, db, _say).fine]
    sys.exit(0 if all(fine) else 1)


@click.command("crawl")
@config_option
@archive_option
def crawl_command(config: Path | None, archive: Path | None) -> None:
    """Fetch the documents and record what is new (the first stage of run)."""
    own = settings_of(config, archive)
    with store.writing(own.archive) as db:
        fine = _crawl_by_hand(own, db)
    sys.exit(0 if fine else 1)


@click.command("diff")
@config_option
@archive_option
def diff_command(config: Path | None, archive: Path | None) -> None:
    """Compare, flag and decide about every new version (the second stage of run)."""
    own = settings_of(config, archive)
    with store.writing(own.archive) as db:
        fine = _told(diff(own, db, _say))
    sys.exit(0 if fine else 1)


@click.command("notify")
@config_option
@archive_option
def notify_command(config: Path | None, archive: Path | None) -> None:
    """Queue and deliver notifications of pushed changes (the third stage of run)."""
    own = settings_of(config, archive)
    check_targets(own)
    with store.writing(own.archive) as db:
        fine = notify(own, db, _say).fine
    sys.exit(0 if fine else 1)


@click.command("reextract")
@config_option
@archive_option
def reextract_command(config: Path | None, archive: Path | None) -> None:
    """Read the stored pages again with today's rules. Differences are technical: nobody is notified."""
    from crawler import options, pipelines

    own = settings_of(config, archive)
    with store.writing(own.archive) as db:
        before = db.table("versions").count
        for declaration in options.declarations(own):
            pipelines.prepare(db, declaration)
        console().print(f"{db.table('versions').count - before} documents read differently now.")


def crawl(own: Settings, db: Database, declared: Sequence[Declaration], say: Say) -> Stage:
    """Fetches documents; fine where every one was seen. An interrupt raises click.Abort: what came is stored."""
    from crawler import run
    from crawler.visit import Visit

    pages = sum(len(declaration.sources) for declaration in declared)
    outcomes = Counter[str]()
    with Progress(console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("fetching", total=pages)

        def told(visit: Visit) -> None:
            outcomes[visit.fetch.outcome] += 1
            bar.advance(task)
            if not visit.fetch.outcome.seen:
                fetch = visit.fetch
                say(f"{visit.declaration.document.label}: {fetch.outcome}: {fetch.detail} ({fetch.url})")

        finished = run.crawl(own, db, declared, told)
    line = f"Fetched {pages} pages of {len(declared)} documents: {_counted(outcomes) or 'none'}.{_dead(db, declared)}"
    if not finished:
        say(line)
        raise click.Abort  # what came is stored; the next run goes on from there
    return Stage(sum(outcomes.values()) == pages and all(name in _SEEN for name in outcomes), line)


def diff(own: Settings, db: Database, say: Say) -> Stage:
    """Compares what is new and decides about it, and about what waits; fine where no change needs a person."""
    from diffing import rules, run

    decisions = dict[int, Decision]()
    for change, made in run.diff(db, rules.load(RULES), own.waits):
        decisions[change] = made.decision
        if made.decision is Decision.QUARANTINED and made.until:
            say(f"change {change} is in quarantine: {made.reason} (smallprint show {change})")
    counted = Counter[str](decisions.values())
    line = f"Decided about {len(decisions)} changes: {_counted(counted)}." if decisions else ""
    return Stage(Decision.QUARANTINED not in counted, line)


def notify(own: Settings, db: Database, say: Say) -> Stage:
    """Delivers what is due; fine where everything got through."""
    from notify import run

    sent, errors = 0, list[str]()
    with announcing.queued(own.telling, db, say):
        for delivered in run.notify(db, own.targets, _printed, own.digest, own.telling):
            if delivered.error:
                errors.append(f"{delivered.target}: not delivered: {delivered.error}")
                say(f"{errors[-1]}. {delivered.title}")
            else:
                sent += 1
                say(f"Told {delivered.target}: {delivered.title}")
    done = [f"{sent} notifications sent"] * bool(sent) + list(dict.fromkeys(errors))
    return Stage(not errors, f"{'; '.join(done)}." if done else "")


def _printed(text: str) -> None:
    """What the console is told."""
    console().print(f"\n{safe(text)}\n")


def check_targets(own: Settings) -> None:
    """Raises SettingsError for a target that nothing could be sent to."""
    from notify import delivery

    delivery.check(own.targets)


def _crawl_by_hand(own: Settings, db: Database) -> bool:
    """Fetches everything but what a host wants to be left alone with; whether every document was seen."""
    from crawler import options

    now = timetable.utc_now()
    table = timetable.timed(db, options.declarations(own), own.interval, now)
    waits = {one.document.label: due.wait for one, due in table if due.wait}
    free = [one for one, due in table if not due.wait]
    done = crawl(own, db, free, _say) if free else Stage(False, "Fetched nothing.")
    line = f"{done.line.removesuffix('.')}; {timetable.told(waits, now)}." if waits else done.line
    return _told(Stage(done.fine and not waits, line))


def _told(stage: Stage) -> bool:
    """Prints what a stage did; whether it was fine."""
    if stage.line:
        _say(stage.line)
    return stage.fine


def _say(line: str) -> None:
    console().print(safe(line))


def _dead(db: Database, declared: Sequence[Declaration]) -> str:
    """A sentence on the links to refuse of these documents that lead nowhere, "" where there are none."""
    documents = {recording.document_id(db, one.document) for one in declared}
    count = sum(link.document_id in documents for link in links.dead(db))
    many = f"{count} links to refuse lead" if count > 1 else "1 link to refuse leads"
    return f" {many} nowhere." if count else ""


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(names.items()))


_SEEN = ("recorded", "unchanged", "not modified")
