"""The commands that work on the archive: run, and its three stages crawl, diff and notify."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click
from rich.progress import Progress
from sqlite_utils import Database

from archive import store
from archive.changes import Verdict
from archive.places import RULES
from archive.settings import Settings
from archive.words import Decision
from smallprint.commands.options import archive_option, config_option, settings_of
from smallprint.terminal import console, safe


@click.command("run")
@config_option
@archive_option
def run_command(config: Path | None, archive: Path | None) -> None:
    """One cycle: fetch the documents, compare what is new, tell the targets.

    Exit code 1 where a document could not be read or a notification did not get through.
    """
    own = settings_of(config, archive)
    _check_targets(own)
    with store.writing(own.archive) as db:
        fine = [_crawl(own, db), _diff(db), _notify(own, db)]
    sys.exit(0 if all(fine) else 1)


@click.command("crawl")
@config_option
@archive_option
def crawl_command(config: Path | None, archive: Path | None) -> None:
    """Fetch the documents and record what is new (the first stage of run)."""
    own = settings_of(config, archive)
    with store.writing(own.archive) as db:
        fine = _crawl(own, db)
    sys.exit(0 if fine else 1)


@click.command("diff")
@config_option
@archive_option
def diff_command(config: Path | None, archive: Path | None) -> None:
    """Compare, flag and decide about every new version (the second stage of run)."""
    with store.writing(settings_of(config, archive).archive) as db:
        fine = _diff(db)
    sys.exit(0 if fine else 1)


@click.command("notify")
@config_option
@archive_option
def notify_command(config: Path | None, archive: Path | None) -> None:
    """Queue and deliver notifications of pushed changes (the third stage of run)."""
    own = settings_of(config, archive)
    _check_targets(own)
    with store.writing(own.archive) as db:
        fine = _notify(own, db)
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


def _crawl(own: Settings, db: Database) -> bool:
    """Whether every document was seen."""
    from crawler import options, run
    from crawler.visit import Visit

    out, declared = console(), options.declarations(own)
    pages = sum(len(declaration.sources) for declaration in declared)
    outcomes = Counter[str]()
    with Progress(console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("fetching", total=pages)

        def told(visit: Visit) -> None:
            outcomes[visit.fetch.outcome] += 1
            bar.advance(task)
            if not visit.fetch.outcome.seen:
                fetch = visit.fetch
                out.print(safe(f"{visit.declaration.document.label}: {fetch.outcome}: {fetch.detail} ({fetch.url})"))

        finished = run.crawl(own, db, declared, told)
    told_outcomes = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    out.print(f"Fetched {pages} pages of {len(declared)} documents: {told_outcomes or 'none'}.")
    if not finished:
        raise click.Abort  # what came is stored; the next run goes on from there
    return sum(outcomes.values()) == pages and all(name in _SEEN for name in outcomes)


def _diff(db: Database) -> bool:
    """Whether no change needs a person."""
    from diffing import rules, run

    out, decisions = console(), Counter[str]()
    for change, verdict in run.diff(db, rules.load(RULES)):
        decisions[verdict.decision] += 1
        if verdict.decision is Decision.QUARANTINED:
            out.print(_quarantine_line(change, verdict))
    if decisions:
        told = ", ".join(f"{number} {name}" for name, number in sorted(decisions.items()))
        out.print(f"Compared {decisions.total()} versions: {told}.")
    return Decision.QUARANTINED not in decisions


def _notify(own: Settings, db: Database) -> bool:
    """Whether everything due was delivered."""
    from notify import run

    out, fine = console(), True
    for delivered in run.notify(db, own.targets, lambda text: out.print("\n" + safe(text) + "\n")):
        if delivered.error:
            fine = False
            out.print(safe(f"{delivered.target}: not delivered: {delivered.error}. {delivered.title}"))
        else:
            out.print(safe(f"Told {delivered.target}: {delivered.title}"))
    return fine


def _check_targets(own: Settings) -> None:
    from notify import delivery

    delivery.check(own.targets)


def _quarantine_line(change: int, verdict: Verdict) -> str:
    return f"change {change} is in quarantine: {verdict.reason} (smallprint show {change})"


_SEEN = ("recorded", "unchanged", "not modified")
