"""The command check: a dry run on one address or service, nothing stored."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from sqlite_utils import Database

from archive import evidence, reports, settings, store
from archive.errors import SettingsError, SmallprintError
from archive.labels import FACTS, label, told
from archive.languages import marked
from archive.placements import text_of
from archive.places import RULES
from archive.recording import document_id, latest_version
from archive.settings import Settings
from archive.words import Document, Kind, Outcome, Passage, Reading, heading_paths
from smallprint.commands import saving
from smallprint.commands.options import config_option, json_option
from smallprint.terminal import console, safe

if TYPE_CHECKING:
    from crawler.declaration import Declaration
    from crawler.visit import Visit
    from diffing.rules import Rules

BY_HAND = "a single look, started by hand"


@click.command("check")
@click.argument("what", metavar="URL|SERVICE")
@click.option("--save", is_flag=True, help="Add the URL to your declarations, if it could be read.")
@click.option(
    "--service", default="", metavar="NAME", help="With --save: whose document it is.  [default: by the host]"
)
@click.option(
    "--type", "key", default="", metavar="TYPE", help='With --save: "Privacy Policy".  [default: by its title]'
)
@config_option
@json_option
def check_command(what: str, save: bool, service: str, key: str, config: Path | None, as_json: bool) -> None:
    """Show what would be read and flagged at a URL, or in the documents of a SERVICE of the catalogue.

    The page is fetched as `run` would fetch it; nothing is stored and nobody is told. Every flagged passage is one
    that stands there now. Exit code 1 where a page could not be read.
    """
    _refuse_wrong_use(what, save, bool(service or key), config)
    with tempfile.TemporaryDirectory(prefix="smallprint-") as folder:
        own = _settings(config, Path(folder))
        seen = _looks(own, _declared(what, own))
    fine = all(look["outcome"] == Outcome.RECORDED for look in seen)
    saved, fault = _saved(own, seen[0], service, key) if save and fine else (None, None)
    if as_json:
        click.echo(json.dumps([look | {"saved": saved} for look in seen], ensure_ascii=False, indent=2))
    else:
        _print(seen)
    if fault:
        raise fault
    if save and not as_json:
        _print_saved(own, saved)
    sys.exit(0 if fine else 1)


def _refuse_wrong_use(what: str, save: bool, named: bool, config: Path | None) -> None:
    """Before anything is fetched: --save wants an address and a settings file."""
    if named and not save:
        raise click.UsageError("--service and --type say how an address is saved: add --save")
    if save and "://" not in what:
        raise click.UsageError("--save takes an address; a service of the catalogue is declared already")
    if save:
        settings.find(config)


def _looks(own: Settings, declared: Sequence[Declaration]) -> list[dict[str, Any]]:
    """Fetches and reads the documents, and looks at what was recorded."""
    from crawler import run

    visits: list[Visit] = []
    with store.writing(own.archive) as db:
        run.crawl(own, db, declared, visits.append)
        return [_look(db, declaration, [v for v in visits if v.declaration == declaration]) for declaration in declared]


def _saved(
    own: Settings, look: dict[str, Any], service: str, key: str
) -> tuple[dict[str, str] | None, Exception | None]:
    """What was saved, or why nothing was: the look is shown in either case."""
    try:
        return saving.save(own, look, service, key), None
    except (SmallprintError, click.UsageError) as error:
        return None, error


def _print_saved(own: Settings, saved: dict[str, str] | None) -> None:
    if saved is None:
        console(stderr=True).print("Not saved: the page could not be read.")
        return
    console().print(safe(f"Saved as {saved['service']}: {saved['type']} in {saved['file']}."))
    console().print(safe(saving.next_step(own, saved)))


def _settings(config: Path | None, folder: Path) -> Settings:
    """The operator's, if there are any, with an archive of the moment."""
    try:
        file = settings.find(config)
    except SettingsError:
        if config:
            raise
        return Settings(folder / settings.NAME, folder / "check.db", contact=BY_HAND)
    own = settings.load(file)
    return replace(own, archive=folder / "check.db", contact=own.contact or BY_HAND)


def _declared(what: str, own: Settings) -> list[Declaration]:
    """One document for an address, else what the catalogue has under the name."""
    from crawler import options
    from crawler.declaration import Declaration, Source

    if "://" not in what:
        return options.declarations(own, what)
    host = urlsplit(what).hostname or what
    return [Declaration(Document(host, "Page", what), (Source(what),))]


def _look(db: Database, declaration: Declaration, visits: Sequence[Visit]) -> dict[str, Any]:
    """What one look found: the outcome, how long it took, the passages, and the flags on them."""
    from archive.language import detector
    from diffing import rules

    known, document = rules.load(RULES), declaration.document
    health = next(row for row in reports.health(db) if row["document_id"] == document_id(db, document))
    version = latest_version(db, health["document_id"])
    passages = text_of(db, version["id"]) if version else []
    told = {"document": document.label, "url": document.url, "outcome": health["last_outcome"]}
    told["not_read"] = known.languages.not_read(document.language or detector(known.languages).of(passages))
    told["fetch_seconds"] = sum(visit.fetch.seconds or 0.0 for visit in visits)
    told |= _read_again(db, declaration, version["id"] if version else 0)
    told["words"] = sum(len(passage.text.split()) for passage in passages)
    return told | {"detail": health["detail"], "passages": _flagged(passages, known)}


def _read_again(db: Database, declaration: Declaration, version: int) -> dict[str, Any]:
    """How long reading takes, and the selector to suggest for a page that has none declared."""
    from crawler import extraction, suggest

    began = perf_counter()
    pages = evidence.pages_of(db, version)
    read = [
        extraction.extract(page.body(db), page.media_type, source, page.url, page.encoding)
        for page, source in zip(pages, declaration.sources, strict=False)
    ]
    seconds, selector = perf_counter() - began, ""
    if len(pages) == 1 and not declaration.sources[0].select:
        selector = suggest.suggest(pages[0].body(db), pages[0].encoding, read[0])
    return {"read_seconds": round(seconds, 3), "selector": selector}


def _flagged(passages: Sequence[Passage], rules: Rules) -> list[dict[str, Any]]:
    from diffing import flags

    today = datetime.now(UTC).date()
    readings = [
        Reading() if p.kind is Kind.HEADING else flags.read("", p.text, heading, rules, today)
        for p, heading in zip(passages, heading_paths(passages), strict=True)
    ]
    return [_passage(passage, reading) for passage, reading in zip(passages, readings, strict=True)]


def _passage(passage: Passage, reading: Reading) -> dict[str, Any]:
    from diffing import flags

    shown: dict[str, Any] = {"kind": str(passage.kind), "level": passage.level, "text": passage.text}
    shown["links"] = [[link.text, link.url] for link in passage.links]
    shown["flags"] = [{"label": label(flag), "quote": flag.quote, "rule": flag.rule} for flag in reading.flags]
    return shown | {"facts": flags.facts_as_json(reading.facts)}


def _print(looks: Sequence[dict[str, Any]]) -> None:
    out = console()
    for look in looks:
        flagged = [passage for passage in look["passages"] if passage["flags"]]
        out.print(safe(f"{look['document']}  {look['url']}"), style="bold")
        out.print(safe(f"{look['outcome']}{': ' if look['detail'] else ''}{look['detail']}"))
        if look["not_read"]:
            out.print(safe(marked(look["not_read"])))
        out.print(f"fetched in {look['fetch_seconds']:.2f} s, read in {look['read_seconds']:.2f} s")
        if look["selector"]:
            out.print(safe(f'"select": "{look["selector"]}" reads the same, and may outlast changes around the text'))
        out.print(f"{len(look['passages'])} passages, {look['words']} words, {len(flagged)} flagged\n")
        for passage, following in pairwise([*look["passages"], {"kind": ""}]):
            _print_passage(out, passage)
            if passage["kind"] not in (Kind.ITEM, Kind.ROW) or passage["kind"] != following["kind"]:
                out.print()


def _print_passage(out: Console, passage: dict[str, Any]) -> None:
    """The text as it was read, headings marked as in Markdown, flags above the passage they are on."""
    marks = {Kind.HEADING: "#" * passage["level"] + " ", Kind.ITEM: "  " * passage["level"] + "- ", Kind.ROW: "| "}
    for flag in passage["flags"]:
        out.print(f"⚑ {flag['label']}  (rule {flag['rule']})", style="yellow")
    heading = passage["kind"] == Kind.HEADING
    out.print(safe(marks.get(passage["kind"], "") + passage["text"]), style="bold" if heading else None)
    for kind in passage["facts"].keys() & FACTS:
        out.print(safe(f"  {FACTS[kind]}: {told(kind, passage['facts'][kind])}"), style="cyan")
