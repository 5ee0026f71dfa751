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
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from sqlite_utils import Database

from archive import reports, settings, store
from archive.errors import SettingsError
from archive.labels import FACTS, label, told
from archive.languages import marked
from archive.placements import text_of
from archive.places import RULES
from archive.recording import document_id, latest_version
from archive.settings import Settings
from archive.words import Document, Kind, Outcome, Passage, Reading, heading_paths
from smallprint.commands.options import config_option, json_option
from smallprint.terminal import console, safe

if TYPE_CHECKING:
    from crawler.declaration import Declaration
    from diffing.rules import Rules

BY_HAND = "a single look, started by hand"


@click.command("check")
@click.argument("what", metavar="URL|SERVICE")
@config_option
@json_option
def check_command(what: str, config: Path | None, as_json: bool) -> None:
    """Show what would be read and flagged at a URL, or in the documents of a SERVICE of the catalogue.

    The page is fetched as `run` would fetch it; nothing is stored and nobody is told. Every flagged passage is one
    that stands there now. Exit code 1 where a page could not be read.
    """
    from crawler import run

    with tempfile.TemporaryDirectory(prefix="smallprint-") as folder:
        own = _settings(config, Path(folder))
        declared = _declared(what, own)
        with store.writing(own.archive) as db:
            run.crawl(own, db, declared, lambda visit: None)
            seen = [_look(db, declaration.document) for declaration in declared]
    if as_json:
        click.echo(json.dumps(seen, ensure_ascii=False, indent=2))
    else:
        _print(seen)
    sys.exit(0 if all(look["outcome"] == Outcome.RECORDED for look in seen) else 1)


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


def _look(db: Database, document: Document) -> dict[str, Any]:
    """What one look found: the outcome, the passages, and the flags on them."""
    from diffing import rules
    from diffing.language import detector

    known = rules.load(RULES)
    health = next(row for row in reports.health(db) if row["document_id"] == document_id(db, document))
    version = latest_version(db, health["document_id"])
    passages = text_of(db, version["id"]) if version else []
    told = {"document": document.label, "url": document.url, "outcome": health["last_outcome"]}
    told["not_read"] = known.languages.not_read(document.language or detector(known.languages).of(passages))
    return told | {"detail": health["detail"], "passages": _flagged(passages, known)}


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
        out.print(f"{len(look['passages'])} passages, {len(flagged)} flagged\n")
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
