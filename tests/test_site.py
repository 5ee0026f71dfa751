"""The site: what people read of an archive, and what a hostile page cannot do to them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette
from datasette.utils import parse_metadata
from sqlite_utils import Database

from archive import browse, changes, places, recording, store
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


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a pushed change (2), one before and one after it, a hostile one (4), and unseen documents."""
    path = tmp_path_factory.mktemp("site") / "demo.db"
    with store.writing(path) as db:
        record_policy(db)
        record_hostile(db)
        unseen = recording.record_document(db, HELP)
        fetch = Fetch(HELP.url, "2025-06-05T06:30:00Z", Outcome.BLOCKED, "a wall", 403)
        recording.record_fetch(db, unseen, 0, fetch)
        recording.record_document(db, Document("Nimbus", "Terms of Service", "https://nimbus.example/terms"))
    return path


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


# The front page


def test_the_front_page_shows_pushed_changes_the_newest_first(archive: Path) -> None:
    cards = page(archive, "/").select("article.card")
    assert [card.h3.a["href"] for card in cards] == ["/-/change/5", "/-/change/2"]


def test_a_card_says_who_when_what_and_in_which_words(archive: Path) -> None:
    card = page(archive, "/").select("article.card")[1]
    assert words(card.h3.a) == (
        "Nimbus may now train AI models on people’s data or content; opt out: “Settings”; "
        "also no longer says that it asks for your consent; and 1 more"
    )
    assert words(card.select_one(".whose")) == "Severity: High Nimbus, Privacy Policy (EU)"
    assert "Seen 2 April 2025" in words(card)
    labels = [label.text for label in card.select(".label")]
    assert labels == [
        "AI training: allows more",
        "Consent: a way to opt out",
        "Consent: asks first",
        "Consent: says it anew",
    ]


def test_a_card_quotes_three_passages_with_ai_training_first(archive: Path) -> None:
    quotes = [words(quote) for quote in page(archive, "/").select("article.card")[1].select(".quote")]
    assert quotes == [
        "It now says, under 4. Training: We train AI models on your posts.",
        "It now says, under 4. Training: You can opt out in Settings.",
        "It no longer says, under 1. Promises: We ask for consent first.",
    ]


def test_a_card_tells_how_much_is_left_out(archive: Path) -> None:
    assert "and 1 more flagged passage" in words(page(archive, "/").select("article.card")[1])


def test_the_front_page_counts_and_admits_what_was_not_seen(archive: Path) -> None:
    text = words(page(archive, "/"))
    assert "documents4" in text
    assert "2 of 4 documents were seen; 1 could not be" in text
    assert "1 has not been looked at yet" in text


def test_an_empty_archive_says_what_to_run(tmp_path: Path) -> None:
    with store.writing(tmp_path / "new.db"):
        pass
    text = words(page(tmp_path / "new.db", "/"))
    assert "This archive is still empty" in text
    assert "smallprint run" in text


def test_an_archive_without_flagged_changes_says_so(tmp_path: Path) -> None:
    with store.writing(tmp_path / "quiet.db") as db:
        recording.record_document(db, POLICY)
    assert "Nothing flagged has changed yet. 1 document is being watched" in words(page(tmp_path / "quiet.db", "/"))


# The page of a change


def test_a_change_has_redlines(archive: Path) -> None:
    redlines = page(archive, "/-/change/2").select(".redline")
    assert [line.decode_contents() for line in redlines] == [
        f"<ins>{NEW}</ins>",
        f"<del>{OLD}</del>",
        "We keep data for <del>30</del><ins>90</ins> days.",
        "<del>1</del><ins>2</ins>. Contact",
    ]


def test_flagged_edits_come_first_and_cosmetic_ones_are_folded(archive: Path) -> None:
    shown = page(archive, "/-/change/2")
    assert [heading.text for heading in shown.select("h2")] == [
        "Flagged",
        "Other edits",
        "Cosmetic edits (1)",
        "Evidence",
    ]
    assert "2. Contact" in words(shown.find("details"))
    assert not shown.find("details").has_attr("open")


def test_a_flagged_edit_shows_rules_scores_and_facts(archive: Path) -> None:
    edit = page(archive, "/-/change/2").select_one("article.edit")
    assert words(edit.h3) == "4. Training"
    assert "Severity: Medium Rule rule-of-consent, score 0.90: a way out +0.90" in words(edit)
    assert "Severity: High Rule rule-of-ai-training, score 0.90" in words(edit)
    assert "How to refuse Settings" in words(edit)
    assert "Applies from 1 May 2025" in words(edit)


def test_a_change_begins_with_its_line_and_severity(archive: Path) -> None:
    told = page(archive, "/-/change/2").select_one("main > .line")
    assert words(told).startswith("Severity: High Nimbus may now train AI models on people’s data or content;")
    assert page(archive, "/-/change/3").select_one(".line, .severity") is None


def test_dates_of_a_line_stay_whole(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [OLD], "2025-03-01T06:30:00Z", changes.Verdict(Decision.BASELINE, "first"))
        reading = replace(FLAGGED[1], facts=(Fact("effective", "2025-05-01", ""),))
        told = changes.Verdict(Decision.PUSH, "flagged", ((FLAGGED[0], reading),))
        record(db, POLICY, [NEW], "2025-04-02T06:30:00Z", told)
    assert "from 2025\u201105\u201101" in words(page(tmp_path / "a.db", "/-/change/2").select_one(".line"))


def test_a_change_tells_its_decision_dates_and_document(archive: Path) -> None:
    shown = page(archive, "/-/change/2")
    text = words(shown)
    assert "Pushed 4 flagged" in text
    assert "Seen 2 April 2025, 06:30 UTC; the text before, 1 March 2025, 06:30 UTC" in text
    link = shown.find("a", href=POLICY.url)
    assert link["rel"] == ["noopener", "nofollow"]


def test_a_change_shows_the_evidence_of_both_texts(archive: Path) -> None:
    new, old = page(archive, "/-/change/2").select("dl.evidence")
    body = BODY + b"2025-04-02T06:30:00Z"
    assert hashlib.sha256(body).hexdigest() in words(new)
    assert f"{len(body)} bytes" in words(new)
    assert "HTTP 200" in words(new)
    assert new.find("a", href="https://nimbus.example/eu/privacy")
    assert "1 March 2025" in words(old)


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_a_name(tmp_path: Path, decision: Decision) -> None:
    with store.writing(tmp_path / "a.db") as db:
        record(db, POLICY, [KEPT], "2025-03-01T06:30:00Z", changes.Verdict(decision, "why"))
    name = page(tmp_path / "a.db", "/-/change/1").select_one(".decision").text
    assert name != decision
    assert name[0].isupper()


def test_changes_of_a_document_are_chained(archive: Path) -> None:
    first, middle, last = (page(archive, f"/-/change/{number}").select_one(".neighbours") for number in (1, 2, 3))
    assert [a["href"] for a in first.select("a")] == ["/-/change/2"]
    assert [a["href"] for a in middle.select("a")] == ["/-/change/1", "/-/change/3"]
    assert [a["href"] for a in last.select("a")] == ["/-/change/2"]


def test_a_first_version_has_no_edit_to_show(archive: Path) -> None:
    assert "There is no edit to show: the first version of this document." in words(page(archive, "/-/change/1"))


def test_what_a_first_text_says_is_flagged_but_not_new(tmp_path: Path) -> None:
    with store.writing(tmp_path / "first.db") as db:
        verdict = changes.Verdict(Decision.BASELINE, "the first version of this document", (FLAGGED,))
        record(db, POLICY, [NEW], "2025-03-01T06:30:00Z", verdict)
    shown = page(tmp_path / "first.db", "/-/change/1")
    assert shown.h2.text == "Flagged in the first text"
    assert [line.decode_contents() for line in shown.select(".redline")] == [NEW]
    assert "New passage" not in words(shown)
    assert shown.select_one(".line, .severity") is None
    assert "Nothing flagged has changed yet" in words(page(tmp_path / "first.db", "/"))
    assert page(tmp_path / "first.db", "/first/flagged_changes").select("td.col-change_id") == []
    listed = page(tmp_path / "first.db", "/first/ai_training_passages").select("td.col-text")
    assert [cell.text.strip() for cell in listed] == [NEW]


@pytest.mark.parametrize("number", ["999", "9" * 18, "9" * 40, "abc", "-1"])
def test_an_unknown_change_is_a_friendly_404(archive: Path, number: str) -> None:
    (response,) = visit(archive, f"/-/change/{number}")
    assert response.status_code == 404
    assert "Back to the front page" in response.text


# The stored page


def test_a_snapshot_comes_as_an_attachment_of_plain_text(archive: Path) -> None:
    body = BODY + b"2025-04-02T06:30:00Z"
    (response,) = visit(archive, f"/-/snapshot/{hashlib.sha256(body).hexdigest()}")
    assert response.content == body
    assert response.headers["content-type"] == "text/plain"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["0" * 64, "nothing", '";alert(1)'])
def test_an_unknown_snapshot_is_a_404(archive: Path, name: str) -> None:
    (response,) = visit(archive, f"/-/snapshot/{name}")
    assert response.status_code in (302, 404)  # Datasette sends encoded names round once


# A hostile page

PAGES = ["/", "/-/change/5", "/demo", "/demo/flagged_changes", "/demo/decided_changes", "/demo/passage_lives"]
PAGES += ["/demo/document_health", "/demo/edits", "/demo/passages", "/demo/documents/2", "/demo/flags", "/demo/facts"]
PAGES += ["/demo/version_passages", "/demo/change_edits", "/demo/headings", "/demo/placements", "/demo/versions"]
PAGES += ["/demo/this_month", "/demo/ways_to_refuse", "/demo/passages_saying?words=alert", "/demo?sql=select+1"]


def test_no_text_of_a_page_becomes_markup(archive: Path) -> None:
    for address, answer in zip(PAGES, visit(archive, *PAGES), strict=True):
        shown = BeautifulSoup(answer.text, "lxml")
        assert answer.status_code == 200, address
        assert not [script for script in shown.find_all("script") if "alert(" in script.text], address
        assert not [tag for tag in shown.find_all(True) if any(name.startswith("on") for name in tag.attrs)], address
        assert not [a for a in shown.find_all(href=True) if a["href"].strip().startswith("javascript:")], address


def test_hostile_words_are_shown_as_words(archive: Path) -> None:
    shown = page(archive, "/-/change/5")
    assert shown.h1.text == HOSTILE.label
    assert "".join(shown.select(".redline")[-1].strings).strip().endswith("javascript:alert(4)")
    assert words(shown.select_one("blockquote")) == "</blockquote><script>alert(3)</script>"
    assert "Address: javascript:alert('url')" in words(shown)


def test_our_pages_allow_no_script_and_no_inline_style(archive: Path) -> None:
    for response in visit(archive, "/", "/-/change/2", "/-/change/999"):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
        assert "unsafe" not in policy
        shown = BeautifulSoup(response.text, "lxml")
        assert not shown.find_all(["script", "style"])
        assert not shown.find_all(style=True)


def test_pages_of_datasette_allow_its_own_scripts_only(archive: Path) -> None:
    for response in visit(archive, "/demo", "/demo/flagged_changes", "/demo?sql=select+1", "/demo/documents/1"):
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in re.search(r"script-src ([^;]*)", policy)[1]
        inline = [tag.string for tag in BeautifulSoup(response.text, "html.parser").find_all("script", src=False)]
        assert inline
        for script in inline:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_every_answer_carries_the_headers(archive: Path) -> None:
    addresses = ["/", "/demo", "/demo/flags.json", "/demo/flags.csv", "/-/smallprint/site.css", "/nowhere/at/all"]
    for response in visit(archive, *addresses):
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


# Tables, views and queries


@pytest.mark.parametrize("name", ["smallprint.db", "my archive.2025.db", "archive.db"])
def test_every_link_of_the_front_page_answers_whatever_the_archive_is_called(
    archive: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(archive.read_bytes())
    links = {link["href"] for link in page(path, "/").select("a[href^='/'], link[href^='/']")}
    assert len(links) > 12
    assert {response.status_code for response in visit(path, *links)} == {200}
    assert [response.status_code for response in visit(path, "/")] == [200]


def test_views_have_titles_and_facets(archive: Path) -> None:
    shown = page(archive, "/demo/flagged_changes")
    assert shown.h1.text == "Flagged changes (view)"
    facets = {facet["data-column"] for facet in shown.select(".facet-info")}
    assert facets == {"severity", "service", "topic", "effect", "decision"}
    assert shown.select_one("td.col-severity").text.strip() == "high"
    assert shown.select_one("td.col-line").text.startswith(f"Evil {SCRIPT} may now train AI models")
    changes = page(archive, "/demo/decided_changes")
    assert {facet["data-column"] for facet in changes.select(".facet-info")} == {"severity", "decision", "service"}


def test_views_come_the_newest_first(archive: Path) -> None:
    (response,) = visit(archive, "/demo/decided_changes.json?_shape=array")
    assert [row["change_id"] for row in response.json()] == [5, 4, 3, 2, 1]


def test_ids_lead_to_what_they_name(archive: Path) -> None:
    assert page(archive, "/demo/flagged_changes").select_one("td.col-change_id a")["href"] == "/-/change/5"
    assert "/-/change/5" in {a["href"] for a in page(archive, "/demo/change_edits").select("td.col-change_id a")}
    assert (
        page(archive, "/demo/passage_lives").select_one("td.col-document_id a")["href"].startswith("/demo/documents/")
    )
    sha256 = page(archive, "/demo/snapshots").select_one("td.col-sha256 a")
    assert sha256["href"] == f"/-/snapshot/{sha256.text}"


def test_internal_tables_are_out_of_the_way(archive: Path) -> None:
    shown = [link.text for link in page(archive, "/demo").select(".db-table h3 a")]
    assert "passages" in shown
    assert not {"bodies", "version_fetches", "_sqlite_migrations"} & set(shown)


def test_a_query_finds_passages(archive: Path) -> None:
    rows = page(archive, "/demo/passages_saying?words=training+model").select("td.col-text")
    assert [words(row) for row in rows] == [NEW]


def test_the_archive_is_neither_downloaded_nor_written(archive: Path) -> None:
    download, write = visit(archive, "/demo.db", "/demo?sql=delete+from+flags")
    assert download.status_code == 403
    assert write.status_code == 400


# The command


def test_the_command_starts_the_site_and_ends_by_a_signal(archive: Path, tmp_path: Path) -> None:
    port = free_port()
    argv = serve.command(archive, port=port)
    process = subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        text = first_answer(f"http://127.0.0.1:{port}/-/change/2", process)
        settings = httpx.get(f"http://127.0.0.1:{port}/-/settings.json", timeout=5).json()
    finally:
        process.terminate()
        process.wait(20)
    assert "Nimbus, Privacy Policy (EU)" in text
    assert (settings["allow_download"], settings["default_page_size"]) == (False, 50)


def test_the_command_names_the_program_the_archive_and_the_place() -> None:
    argv = serve.command(Path("some.db"), "0.0.0.0", 9000, open_browser=True)
    assert argv[:6] == [sys.executable, "-m", "smallprint.site", "", "", "serve"]
    assert argv[6] == str(Path("some.db").absolute())
    assert argv[argv.index("--host") + 1] == "0.0.0.0"
    assert argv[argv.index("--port") + 1] == "9000"
    assert argv[-1] == "--open"
    assert "--open" not in serve.command(Path("some.db"))


# What the pages read


def test_the_evidence_of_an_unknown_change_is_empty(archive: Path) -> None:
    with store.reading(archive) as db:
        assert browse.evidence(db, 999) == []
        assert browse.neighbours(db, 999) == browse.Neighbours(None, None)
        assert browse.document_of(db, 999) is None
        assert browse.snapshot(db, "0" * 64) is None


def test_a_stored_page_that_waits_to_be_read_counts_as_seen(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        identity = recording.record_document(db, POLICY)
        fetch = Fetch(POLICY.url, "2025-06-05T06:30:00Z", Outcome.FETCHED, status=200)
        recording.record_fetch(db, identity, 0, fetch, Snapshot(BODY, "text/html"))
        totals = browse.totals(db)
    assert (totals.seen, totals.unseen, totals.never_looked) == (1, 0, 0)
    assert totals.counts["documents"] == 1
