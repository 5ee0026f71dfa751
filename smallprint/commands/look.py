"""The commands that only look at the archive: history, search, show, status."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.text import Text
from sqlite_utils import Database

from archive import decisions, health, links, past, reports, search, store
from archive.decisions import Decided
from archive.errors import ArchiveError, SmallprintError
from archive.languages import marked
from archive.words import Outcome, Topic
from smallprint import explained, timetable
from smallprint.commands.options import (
    archive_of,
    archive_option,
    config_option,
    interval_of,
    json_option,
)
from smallprint.terminal import console, print_edit, print_indented, print_table, safe


@click.command("history")
@click.argument("service")
@click.argument("document", required=False)
@click.option(
    "--at", metavar="DATE", help="Print what the document said at the end of this day (UTC), or at this time."
)
@config_option
@archive_option
@json_option
def history_command(
    service: str, document: str | None, at: str | None, config: Path | None, archive: Path | None, as_json: bool
) -> None:
    """List the changes of a SERVICE, or of one DOCUMENT of it, oldest first, each with its decision and what it does.

    With --at 2023-08-07, print the text of the DOCUMENT as it stood on that date instead.
    """
    if at is not None:
        _print_past(archive_of(config, archive), service, document, at, as_json)
        return
    with store.reading(archive_of(config, archive)) as db:
        rows, known = reports.history(db, service, document), reports.services(db)
        waits = {row["change_id"]: row["held_until"] for row in decisions.waiting(db, others=True)}
    if not rows:
        what = f"{service}, {document}" if document else service
        raise ArchiveError(f"nothing is recorded of {what!r}; recorded are: {past.few(known) or 'no services yet'}")
    if as_json:
        _print_json(rows)
    else:
        columns = ("change_id", "seen_at", "document", "decision", "severity", "what", "edits", "flags")
        shown = [row | {"document": _placed(row), "what": _what(row, waits.get(row["change_id"]))} for row in rows]
        print_table(shown, columns)


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--service", help="Only in the documents of this service.")
@click.option("--topic", type=click.Choice([str(topic) for topic in Topic]), help="Only what was flagged on this.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many passages to print.")
@config_option
@archive_option
@json_option
def search_command(
    words: tuple[str, ...],
    service: str | None,
    topic: str | None,
    limit: int,
    config: Path | None,
    archive: Path | None,
    as_json: bool,
) -> None:
    """Find the passages that hold all the WORDS, now or earlier, the best first, each with its life.

    Forms of a word count as the word: "train" finds "training". '"a phrase"' in double quotes (and the shell's own
    around them) keeps its order, and opt* finds every word that begins so.
    """
    with store.reading(archive_of(config, archive)) as db:
        if service is not None and not search.is_known(db, service):
            raise ArchiveError(past.unknown(service, reports.services(db)))
        answer = search.search(db, " ".join(words), limit, service, Topic(topic) if topic else None)
    if as_json:
        _print_json(asdict(answer))
    else:
        _print_answer(answer)


@click.command("show")
@click.argument("change", type=int)
@click.option("--all", "everything", is_flag=True, help="Show cosmetic edits too.")
@config_option
@archive_option
@json_option
def show_command(change: int, everything: bool, config: Path | None, archive: Path | None, as_json: bool) -> None:
    """Show one CHANGE: what it does, what was decided and why, every edit with its flags and facts."""
    with store.reading(archive_of(config, archive)) as db:
        report, decided = reports.change(db, change), decisions.of_change(db, change)
    if report is None or decided is None:
        raise ArchiveError(f"there is no change {change}: `smallprint history SERVICE` lists them")
    if as_json:
        told = asdict(decided)
        _print_json(reports.as_data(report) | {name: told[name] for name in ("earlier", "compared")})
    else:
        print_change(report, decided, everything)


@click.command("status")
@config_option
@archive_option
@json_option
def status_command(config: Path | None, archive: Path | None, as_json: bool) -> None:
    """Tell what needs a person: documents that cannot be read, links to refuse that lead nowhere, changes in
    quarantine, undelivered notifications.

    Exit code 1 where there is something. Changes that are held for a second look, and documents in a language without
    rules, are told too, but need nobody. When each document is due next, and which wait for their host, comes first.
    """
    now = timetable.utc_now()
    with store.reading(archive_of(config, archive)) as db:
        state = _state(db, interval_of(config, archive), now)
    failed = any(row["state"] != "pending" for row in state["undelivered"])  # what is pending waits for its hour
    needs = failed or any(state[key] for key in ("not_seen", "dead_links", "quarantined"))
    if as_json:
        _print_json(state)
    else:
        _print_due(state["due"])
        _print_status(state, now)
    sys.exit(1 if needs else 0)


def print_change(report: reports.ChangeReport, decided: Decided, everything: bool = False) -> None:
    """A change on the terminal: flagged edits first, then the others; cosmetic ones counted or shown."""
    out = console()
    out.print(safe(f"{report.title}: change {report.id}, seen {report.seen_at}"), style="bold")
    if report.line:
        out.print(safe(f"{report.severity}: {report.line}"), style="bold")
    out.print(safe(f"{explained.verdict(decided)}: {report.reason}"))
    for line in explained.details(decided):
        print_indented(out, 2, Text(safe(line)))
    out.print(safe(f"page: {report.url}"))
    if report.not_read:
        out.print(safe(marked(report.not_read)))
    for digest in report.snapshots:
        out.print(f"evidence: SHA-256 {digest}")
    out.print()
    notes = explained.notes(decided)
    edits = [(edit, reading, notes.get(place, "")) for place, (edit, reading) in enumerate(report.edits)]
    flagged = sorted((row for row in edits if row[1].flags), key=lambda row: row[2] != "")  # the news first
    quiet = [row for row in edits if row[0].same_words]
    loud = [row for row in edits if not row[0].same_words and not row[1].flags]
    for row in [*flagged, *loud, *(quiet if everything else [])]:
        print_edit(out, *row)
    if quiet and not everything:
        out.print(f"  and {len(quiet)} edits that leave every word as it was (--all shows them)")


def _print_past(archive: Path, service: str, document: str | None, at: str, as_json: bool) -> None:
    """What a document said on a date: a line about the version, then its text."""
    if document is None:
        raise SmallprintError(f"name the document too: smallprint history {service} 'Privacy Policy' --at {at}")
    moment = past.moment(at)
    with store.reading(archive) as db:
        text = past.stood(db, service, document, moment)
    if as_json:
        _print_json(past.as_data(text))
        return
    out = console()
    out.print(safe(past.headline(text)), style="bold")
    out.print()
    out.print(safe(past.readable(text.passages)))


def _print_answer(answer: search.Answer) -> None:
    out = console()
    for found in answer.passages:
        out.print(safe(found.snippet), style="bold")
        for life in found.lives:
            out.print(safe(f"  {search.told(life)}"))
        out.print()
    more = answer.total - len(answer.passages)
    if more:
        out.print(f"{more} more: --limit {answer.total} shows all")
    elif not answer.total:
        out.print("No passage says this.")


def _state(db: Database, interval: timedelta, now: datetime) -> dict[str, Any]:
    """All that `status` tells."""
    looks, (held, quarantined) = reports.health(db), health.waiting(db)
    return {
        "documents": len(looks),
        "not_seen": [row for row in looks if not _is_seen(row)],
        "dead_links": [asdict(link) for link in links.dead(db)],
        "held": held,
        "quarantined": quarantined,
        "undelivered": reports.undelivered(db),
        "not_read": reports.not_read(db),
        "due": timetable.upcoming(db, interval, now),
    }


def _is_seen(row: dict[str, Any]) -> bool:
    return row["last_outcome"] is not None and Outcome(row["last_outcome"]).seen


def _print_status(state: dict[str, Any], now: datetime) -> None:
    out, ill = console(), state["not_seen"]
    out.print(f"{state['documents']} documents, {state['documents'] - len(ill)} seen at the last look.")
    for row in ill:
        last = f"last seen {row['last_seen']}" if row["last_seen"] else "never seen"
        why = f"{row['last_outcome'] or 'not fetched yet'}: {row['detail']}"
        out.print(safe(f"  {row['service']}, {_placed(row)}: {why} ({last}; {row['url']})"))
    for row in state["dead_links"]:
        why = f"the link to refuse leads nowhere: {row['detail']} (since {row['since']}, {row['url']})"
        out.print(safe(f"  {row['service']}, {_placed(row)}: {why}"))
    if held := state["held"]:
        many = f"{len(held)} changes wait" if len(held) > 1 else "1 change waits"
        out.print(f"{many} for a second look, the next at {_clock(held[0]['held_until'], now)}.")
    for row in state["quarantined"]:
        until = f" until {_clock(row['held_until'], now)}, to be believed if it stays" if row["held_until"] else ""
        out.print(safe(f"  {row['service']}, {_placed(row)}: change {row['change_id']} waits{until}: {row['reason']}"))
    for (target, name, error), rows in _alike(state["undelivered"]).items():
        many = f"{rows[0]['what']} is" if len(rows) == 1 else f"{len(rows)} messages are"
        out.print(safe(f"  {target}: {many} {name}{f': {error}' if error else ''}"))
    for row in state["not_read"]:
        out.print(safe(f"  {row['service']}, {_placed(row)}: {marked(row['not_read'])}"))


def _alike(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Messages that are not delivered, by target, state and error: a target that is down has as many as wait for it."""
    found = dict[tuple[str, str, str], list[dict[str, Any]]]()
    for row in rows:
        found.setdefault((row["target"], row["state"], row["last_error"]), []).append(row)
    return found


def _clock(time: str, now: datetime) -> str:
    """A time of the archive for people; one that is past is now."""
    return timetable.clock(max(datetime.fromisoformat(time), now), now)


def _what(row: dict[str, Any], until: str | None) -> str:
    """What a change does or why it was decided so, and until when it waits."""
    what = str(row["line"] or row["reason"])
    return f"{what} (until {explained.short(until)})" if until else what


def _placed(row: dict[str, Any]) -> str:
    """A document with its region, where it has one: "Privacy Policy (EU)"."""
    return f"{row['document']} ({row['region']})" if row["region"] else str(row["document"])


def _print_due(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        waiting = [f"waits: {row['waits']}" if row["waits"] else "" for row in rows]
        print_table([row | {"": why} for row, why in zip(rows, waiting, strict=True)], ("due_at", "document", ""))
        console().print()


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
