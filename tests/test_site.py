"""The site: its headers, its tables and queries, and what a hostile page cannot do to its readers."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from archive import recording, store
from archive.words import Fetch, Outcome, Snapshot
from smallprint import serve
from tests.commands import first_answer, free_port, smallprint
from tests.site_pages import BODY, HOSTILE, NEW, POLICY, SCRIPT, page, site, visit, words

# The stored page


def test_a_snapshot_comes_as_an_attachment_of_plain_text(site_archive: Path) -> None:
    body = BODY + b"2025-04-02T06:30:00Z"
    sha256 = hashlib.sha256(body).hexdigest()
    (response,) = visit(site_archive, f"/-/snapshot/{sha256}")
    assert response.content == body
    assert response.headers["content-type"] == "text/plain"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["content-length"] == str(len(body))
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["etag"] == f'"{sha256}"'
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_snapshot_that_is_certainly_utf_8_says_so(tmp_path: Path) -> None:
    body = "<p>Größe, 大きさ</p>".encode()
    with store.writing(tmp_path / "a.db") as db:
        identity = recording.record_document(db, POLICY)
        fetch = Fetch(POLICY.url, "2025-06-05T06:30:00Z", Outcome.FETCHED, status=200)
        recording.record_fetch(db, identity, 0, fetch, Snapshot(body, "text/html"))
    (response,) = visit(tmp_path / "a.db", f"/-/snapshot/{hashlib.sha256(body).hexdigest()}")
    assert (response.content, response.headers["content-type"]) == (body, "text/plain; charset=utf-8")


def test_a_snapshot_that_is_known_is_not_sent_again(site_archive: Path) -> None:
    sha256 = hashlib.sha256(BODY + b"2025-04-02T06:30:00Z").hexdigest()

    async def go(name: str, known: str) -> httpx.Response:
        return await site(site_archive).client.get(f"/-/snapshot/{name}", headers={"If-None-Match": known})

    kept = asyncio.run(go(sha256, f'"other", W/"{sha256}"'))
    assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", f'"{sha256}"')
    assert asyncio.run(go(sha256, '"other"')).status_code == 200
    assert asyncio.run(go("0" * 64, f'"{"0" * 64}"')).status_code == 404


@pytest.mark.parametrize("name", ["0" * 64, "nothing", '";alert(1)'])
def test_an_unknown_snapshot_is_a_404(site_archive: Path, name: str) -> None:
    (response,) = visit(site_archive, f"/-/snapshot/{name}")
    assert response.status_code in (302, 404)  # Datasette sends encoded names round once


# A hostile page

PAGES = ["/", "/-/change/5", "/demo", "/demo/flagged_changes", "/demo/decided_changes", "/demo/passage_lives"]
PAGES += ["/demo/document_health", "/demo/edits", "/demo/passages", "/demo/documents/2", "/demo/flags", "/demo/facts"]
PAGES += ["/demo/version_passages", "/demo/change_edits", "/demo/headings", "/demo/placements", "/demo/versions"]
PAGES += ["/demo/this_month", "/demo/ways_to_refuse", "/demo/passages_saying?words=alert", "/demo?sql=select+1"]


def test_no_text_of_a_page_becomes_markup(site_archive: Path) -> None:
    for address, answer in zip(PAGES, visit(site_archive, *PAGES), strict=True):
        shown = BeautifulSoup(answer.text, "lxml")
        assert answer.status_code == 200, address
        assert not [script for script in shown.find_all("script") if "alert(" in script.text], address
        assert not [tag for tag in shown.find_all(True) if any(name.startswith("on") for name in tag.attrs)], address
        assert not [a for a in shown.find_all(href=True) if a["href"].strip().startswith("javascript:")], address


def test_hostile_words_are_shown_as_words(site_archive: Path) -> None:
    shown = page(site_archive, "/-/change/5")
    assert shown.h1.text == HOSTILE.label
    assert "".join(shown.select(".redline")[-1].strings).strip().endswith("javascript:alert(4)")
    assert "".join(mark.text for mark in shown.select("mark")) == "</blockquote><script>alert(3)</script>"
    assert "Address: javascript:alert('url')" in words(shown)


def test_our_pages_allow_no_script_but_our_own_and_no_inline_style(site_archive: Path) -> None:
    for response in visit(site_archive, "/", "/-/change/2", "/-/change/999"):
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        shown = BeautifulSoup(response.text, "lxml")
        assert not shown.find_all("style")
        assert all(script["src"].startswith("/-/smallprint/") for script in shown.find_all("script"))
        assert not shown.find_all(style=True)


def test_pages_of_datasette_allow_its_own_scripts_only(site_archive: Path) -> None:
    for response in visit(site_archive, "/demo", "/demo/flagged_changes", "/demo?sql=select+1", "/demo/documents/1"):
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in re.search(r"script-src ([^;]*)", policy)[1]
        inline = [tag.string for tag in BeautifulSoup(response.text, "html.parser").find_all("script", src=False)]
        assert inline
        for script in inline:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_every_answer_carries_the_headers(site_archive: Path) -> None:
    addresses = ["/", "/demo", "/demo/flags.json", "/demo/flags.csv", "/-/smallprint/site.css", "/nowhere/at/all"]
    for response in visit(site_archive, *addresses):
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


# Tables, views and queries


@pytest.mark.parametrize("name", ["smallprint.db", "my archive.2025.db", "archive.db"])
def test_every_link_of_the_front_page_answers_whatever_the_archive_is_called(
    site_archive: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(site_archive.read_bytes())
    links = {link["href"] for link in page(path, "/").select("a[href^='/'], link[href^='/']")}
    assert len(links) > 12
    assert {response.status_code for response in visit(path, *links)} == {200}
    assert [response.status_code for response in visit(path, "/")] == [200]


def test_views_have_titles_and_facets(site_archive: Path) -> None:
    shown = page(site_archive, "/demo/flagged_changes")
    assert shown.h1.text == "Flagged changes (view)"
    facets = {facet["data-column"] for facet in shown.select(".facet-info")}
    assert facets == {"severity", "service", "topic", "effect", "decision"}
    assert shown.select_one("td.col-severity").text.strip() == "high"
    assert shown.select_one("td.col-line").text.startswith(f"Evil {SCRIPT} may now train AI models")
    changes = page(site_archive, "/demo/decided_changes")
    assert {facet["data-column"] for facet in changes.select(".facet-info")} == {"severity", "decision", "service"}


def test_views_come_the_newest_first(site_archive: Path) -> None:
    (response,) = visit(site_archive, "/demo/decided_changes.json?_shape=array")
    assert [row["change_id"] for row in response.json()] == [5, 4, 3, 2, 1]


def test_ids_lead_to_what_they_name(site_archive: Path) -> None:
    assert page(site_archive, "/demo/flagged_changes").select_one("td.col-change_id a")["href"] == "/-/change/5"
    assert "/-/change/5" in {a["href"] for a in page(site_archive, "/demo/change_edits").select("td.col-change_id a")}
    lives = page(site_archive, "/demo/passage_lives")
    assert lives.select_one("td.col-document_id a")["href"].startswith("/-/document/")
    assert lives.select_one("td.col-passage_id a")["href"].startswith("/-/passage/")
    sha256 = page(site_archive, "/demo/snapshots").select_one("td.col-sha256 a")
    assert sha256["href"] == f"/-/snapshot/{sha256.text}"


def test_internal_tables_are_out_of_the_way(site_archive: Path) -> None:
    shown = [link.text for link in page(site_archive, "/demo").select(".db-table h3 a")]
    assert "passages" in shown
    assert not {"bodies", "version_fetches", "_sqlite_migrations"} & set(shown)


def test_a_query_finds_passages(site_archive: Path) -> None:
    rows = page(site_archive, "/demo/passages_saying?words=training+model").select("td.col-text")
    assert [words(row) for row in rows] == [NEW]


def test_the_archive_is_neither_downloaded_nor_written(site_archive: Path) -> None:
    download, write = visit(site_archive, "/demo.db", "/demo?sql=delete+from+flags")
    assert download.status_code == 403
    assert write.status_code == 400


# The command


def test_the_command_starts_the_site_and_ends_by_a_signal(site_archive: Path, tmp_path: Path) -> None:
    port = free_port()
    argv = serve.command(site_archive, port=port)
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
    assert argv[:3] == [sys.executable, "-m", "smallprint.site"]
    told = json.loads(argv[3])
    assert told["archive"] == str(Path("some.db").absolute())
    assert (told["host"], told["port"], told["open_browser"], told["public"]) == ("0.0.0.0", 9000, True, False)
    assert not json.loads(serve.command(Path("some.db"))[3])["open_browser"]


@pytest.mark.parametrize("host", ["127.0.0.1", "203.0.113.9"])
def test_a_place_that_is_taken_is_told_in_a_line(site_archive: Path, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = smallprint("serve", "--host", host, "--port", port, "--archive", str(site_archive))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {host}:{port}: cannot be listened on (")
    assert len(done.stderr.splitlines()) == 1
