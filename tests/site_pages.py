"""What tests of the site share: an archive to show, hostile parts in it, and visits to its pages."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette
from datasette.plugins import pm
from datasette.utils import parse_metadata
from sqlite_utils import Database

from archive import changes, places, recording, store
from archive.settings import Telling
from archive.words import (
    Decision,
    Document,
    Edit,
    EditKind,
    Effect,
    Fact,
    Fetch,
    Flag,
    Kind,
    Mechanism,
    Outcome,
    Passage,
    Reading,
    Relink,
    Snapshot,
    Topic,
)
from smallprint import serve
from tests.builders import pending_of
from tests.commands import first_answer, free_port

POLICY = Document("Nimbus", "Privacy Policy", "https://nimbus.example/privacy", "Nimbus", "EU", "en")
HELP = Document("Nimbus", "Help Page", "https://nimbus.example/help", "Nimbus")
SCRIPT = "<script>alert(1)</script>"
HOSTILE = Document(
    "evil",
    "\"><img src=x onerror=alert('type')>",
    "javascript:alert('url')",
    f"Evil {SCRIPT}",
    language='"><script>alert(2)</script>',
)
BODY = b"<html><script>alert('snapshot')</script>\xff</html>"
KEPT = "We keep data for 30 days."
NEW = "We train AI models on your posts. You can opt out in Settings."
OLD = "We never sell data. We ask for consent first."


def flag(
    topic: Topic,
    effect: Effect,
    quote: str,
    side: str = "after",
    mechanisms: tuple[Mechanism, ...] = (),
    score: float = 0.9,
) -> Flag:
    return Flag(topic, effect, quote, side, f"rule-of-{topic}", score, mechanisms)


FLAGGED = (
    Edit(EditKind.ADDED, "Privacy Policy › 4. Training", "", NEW),
    Reading(
        (
            replace(
                flag(Topic.CONSENT, Effect.NONE, "You can opt out in Settings.", mechanisms=(Mechanism.OPT_OUT,)),
                why="a way out +0.90",
            ),
            flag(Topic.AI_TRAINING, Effect.PERMITS, "We train AI models on your posts."),
        ),
        (Fact("optout", "Settings", "You can opt out in Settings."), Fact("effective", "1 May 2025", "")),
    ),
)
REMOVED = (
    Edit(EditKind.REMOVED, "Privacy Policy › 1. Promises", OLD, ""),
    Reading(
        (
            flag(Topic.CONSENT, Effect.NONE, "We ask for consent first.", "before", (Mechanism.OPT_IN,)),
            flag(Topic.CONSENT, Effect.RESTATES, "We never sell data.", "before", score=0.5),
        )
    ),
)
REWORDED = (
    Edit(EditKind.CHANGED, "", KEPT, "We keep data for 90 days."),
    Reading(),
)
RENUMBERED = (
    Edit(EditKind.CHANGED, "", "1. Contact", "2. Contact", same_words=True),
    Reading(),
)


def passage(text: str) -> Passage:
    return Passage(Kind.PARAGRAPH, text)


def record(
    db: Database, document: Document, texts: Sequence[str], at: str, verdict: changes.Verdict, final_url: str = ""
) -> int:
    """The id of the change made by a version with these texts, fetched at that time."""
    identity = recording.record_document(db, document)
    fetch = Fetch(document.url, at, Outcome.FETCHED, status=200, final_url=final_url)
    number = recording.record_fetch(db, identity, 0, fetch, Snapshot(BODY + at.encode(), "text/html"))
    version = recording.record_version(db, identity, [number], [passage(text) for text in texts], "1")
    recording.set_outcome(db, number, Outcome.RECORDED)
    return changes.record_change(db, pending_of(db, version), verdict)


def record_policy(db: Database) -> None:
    """A first version, a pushed change and a cosmetic one."""
    first = changes.Verdict(Decision.BASELINE, "the first version of this document")
    record(db, POLICY, [OLD, KEPT, "1. Contact"], "2025-03-01T06:30:00Z", first)
    pushed = changes.Verdict(Decision.PUSH, "4 flagged", (RENUMBERED, REWORDED, FLAGGED, REMOVED))
    texts = ["We keep data for 90 days.", NEW, "2. Contact"]
    record(db, POLICY, texts, "2025-04-02T06:30:00Z", pushed, final_url="https://nimbus.example/eu/privacy")
    cosmetic = changes.Verdict(Decision.COSMETIC, "no word changed: 1 link targets", (RENUMBERED,))
    record(db, POLICY, [*texts, "3. End"], "2025-05-03T06:30:00Z", cosmetic)


def record_hostile(db: Database) -> None:
    """A document that attacks in every field a company, or who declares it, can fill."""
    texts = [SCRIPT, "</blockquote><script>alert(3)</script>", "javascript:alert(4)"]
    mine = flag(Topic.AI_TRAINING, Effect.PERMITS, texts[1])
    reading = Reading((mine,), (Fact("optout", texts[2], texts[1]), Fact(SCRIPT, SCRIPT, "")))
    edit = Edit(EditKind.CHANGED, f"{SCRIPT} › <b>bold", texts[0], texts[1])
    relinked = Edit(EditKind.LINKS, SCRIPT, texts[0], texts[0], (Relink(*texts),), same_words=True)
    verdict = changes.Verdict(Decision.PUSH, SCRIPT, ((edit, reading), (relinked, Reading())))
    record(db, HOSTILE, texts[1:], "2025-06-03T06:30:00Z", changes.Verdict(Decision.BASELINE, SCRIPT))
    record(db, HOSTILE, texts, "2025-06-04T06:30:00Z", verdict, final_url="javascript:alert(5)//https://a.b")


def record_all(path: Path) -> None:
    """An archive with a pushed change (2), one before and one after it, a hostile one (5), and unseen documents."""
    with store.writing(path) as db:
        record_policy(db)
        record_hostile(db)
        unseen = recording.record_document(db, HELP)
        fetch = Fetch(HELP.url, "2025-06-05T06:30:00Z", Outcome.BLOCKED, "a wall", 403)
        recording.record_fetch(db, unseen, 0, fetch)
        recording.record_document(db, Document("Nimbus", "Terms of Service", "https://nimbus.example/terms"))


def site(path: Path) -> Datasette:
    """Datasette as the command starts it, in this process."""
    return Datasette(
        [str(path)],
        metadata=parse_metadata((places.SITE / "metadata.yml").read_text("utf-8")),
        template_dir=str(places.SITE / "templates"),
        plugins_dir=str(places.SITE / "plugins"),
        static_mounts=[(serve.STATIC, str(places.SITE / "static"))],
        settings={"num_sql_threads": 1, "allow_download": False},
    )


def visit(path: Path, *addresses: str) -> list[httpx.Response]:
    """The responses of the site to these addresses."""

    async def go() -> list[httpx.Response]:
        shown = site(path)
        return [await shown.client.get(address) for address in addresses]

    return asyncio.run(go())


def page(path: Path, address: str) -> BeautifulSoup:
    """A page that must be there."""
    (response,) = visit(path, address)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "lxml")


def words(element: Tag) -> str:
    return " ".join(element.get_text().split())


@contextmanager
def with_plugins(*plugins: object) -> Iterator[None]:
    """Sites that are made meanwhile have these too, as those that the roof starts have."""
    for plugin in plugins:
        pm.register(plugin)
    try:
        yield
    finally:
        for plugin in plugins:
            pm.unregister(plugin)


@contextmanager
def running(archive: Path, telling: Telling = Telling(), *, public: bool = False) -> Iterator[str]:  # noqa: B008
    """The address of `smallprint serve`, as it really runs."""
    port = free_port()
    argv = serve.command(archive, port=port, telling=telling, public=public)
    process = subprocess.Popen(argv, cwd=archive.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        first_answer(f"http://127.0.0.1:{port}/robots.txt", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
