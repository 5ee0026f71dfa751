"""Feeds where people find them: as files, from `smallprint serve`, and by a WebSub hub that is told of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import feedparser
import httpx
import pytest
from bs4 import BeautifulSoup
from sqlite_utils import Database

from archive import feeds, store
from archive.feeds import ALL
from archive.settings import Telling
from notify import feed_page, hub
from notify.feeds import Press, place
from smallprint import announcing, feed_folder
from tests.atom_rules import faults
from tests.builders import DAY, POLICY, pushed
from tests.channels import Receiver
from tests.commands import free_port, smallprint
from tests.site_pages import page, running
from tests.test_feeds import OTHER, TERMS, feed, told

GENERAL = ["all", "topic/ai-training", "topic/consent", "severity/high", "severity/medium", "severity/low"]
NOWHERE = place(Telling())
AT_SITE = Telling(site="https://watch.example", hub="https://hub.example/")


def written(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by where they lie in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(db: Database, folder: Path) -> list[str]:
    """The names of the feeds whose files were written."""
    return [one.name for one in feed_folder.write(db, folder, NOWHERE, lambda done, of: None)[1]]


# Files


def test_a_folder_has_all_feeds_and_a_page(db: Database, tmp_path: Path) -> None:
    told(db, pushed(db, OTHER))
    write(db, tmp_path / "new" / "feeds")
    files = written(tmp_path / "new" / "feeds")
    index = files.pop("index.html")
    assert set(files) == {f"{name}.atom" for name in (*GENERAL, "service/booking-com")}
    assert all(files[f"{one.name}.atom"] == feed(db, one.name) for one in feeds.feeds(db))
    links = BeautifulSoup(index, "lxml").select("li a")
    assert {link["href"] for link in links} == set(files)


def test_files_are_written_only_where_something_was_told(db: Database, tmp_path: Path) -> None:
    told(db, pushed(db))
    told(db, pushed(db, OTHER))
    folder = tmp_path / "feeds"
    write(db, folder)
    before, times = written(folder), {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert write(db, folder) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == times
    told(db, pushed(db, TERMS), DAY.format(7))
    assert write(db, folder) == ["all", "topic/ai-training", "severity/high", "service/quillo"]
    after = written(folder)
    assert {name for name in after if before.get(name) != after[name]} == {
        "all.atom",
        "topic/ai-training.atom",
        "severity/high.atom",
        "service/quillo.atom",
    }


def test_what_else_lies_there_stays(db: Database, tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    for name in ("service/gone.atom", "notes.txt"):
        (tmp_path / name).write_text("mine")
    told(db, pushed(db))
    write(db, tmp_path)
    assert {name: body for name, body in written(tmp_path).items() if body == b"mine"} == {
        "service/gone.atom": b"mine",
        "notes.txt": b"mine",
    }


def test_files_may_be_read_by_a_web_server(db: Database, tmp_path: Path) -> None:
    (tmp_path / "other.txt").touch()
    write(db, tmp_path)
    assert (tmp_path / "all.atom").stat().st_mode == (tmp_path / "other.txt").stat().st_mode


def test_a_folder_that_cannot_be_written_is_one_line(db: Database, archive_path: Path, tmp_path: Path) -> None:
    (tmp_path / "feeds" / "all.atom").mkdir(parents=True)
    (tmp_path / "file").touch()
    for folder in (tmp_path / "feeds", tmp_path / "file" / "below"):
        done = smallprint("feed", str(folder), "--archive", str(archive_path))
        assert done.returncode == 2
        assert done.stderr.startswith(f"Error: {folder}")
        assert done.stderr.count("\n") == 1
    assert [path.name for path in (tmp_path / "feeds").iterdir()] == ["all.atom"]  # nothing half written is left


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(db: Database, archive_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "feeds"
    write(db, folder)
    before = written(folder)
    told(db, pushed(db))
    command = f"ulimit -f 1; exec {sys.executable} -m smallprint feed {folder} --archive {archive_path}"
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=100, env=unmeasured, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"Error: {folder}/all.atom: cannot be written (File too large): name another folder\n"
    assert written(folder) == before


def test_the_command_says_what_it_did(db: Database, archive_path: Path, tmp_path: Path) -> None:
    told(db, pushed(db))
    first, second = (smallprint("feed", "feeds", "--archive", str(archive_path), cwd=tmp_path) for _ in range(2))
    assert (first.stdout, first.returncode) == ("feeds: 7 feeds, 7 of them written.\n", 0)
    assert (second.stdout, second.returncode) == ("feeds: 7 feeds, 0 of them written.\n", 0)
    assert smallprint("feed", "feeds", cwd=tmp_path).returncode == 2  # neither settings nor archive


@pytest.mark.parametrize(
    ("settings", "options", "here", "site"),
    [
        ("", [], None, None),
        ('site = "https://w.example/a/"', [], "https://w.example/a/-/feed/all.atom", "https://w.example/a/"),
        ("", ["--url", "https://f.example/x/"], "https://f.example/x/all.atom", None),
        (
            'site = "https://w.example"',
            ["--url", "https://f.example"],
            "https://f.example/all.atom",
            "https://w.example/",
        ),
    ],
)
def test_files_tell_where_they_are(
    db: Database, archive_path: Path, tmp_path: Path, settings: str, options: list[str], here: str, site: str
) -> None:
    (tmp_path / "smallprint.toml").write_text(f'archive = "{archive_path}"\n[notify]\n{settings}\n')
    assert smallprint("feed", "feeds", *options, cwd=tmp_path).returncode == 0
    body = (tmp_path / "feeds" / "all.atom").read_bytes()
    links = {link.rel: link.href for link in feedparser.parse(body).feed.get("links", [])}
    assert (links.get("self"), links.get("alternate")) == (here, site)
    assert faults(body) == []


def test_an_address_that_is_none_is_refused(db: Database, archive_path: Path, tmp_path: Path) -> None:
    done = smallprint("feed", str(tmp_path), "--url", "feeds.example", "--archive", str(archive_path))
    assert done.returncode == 2
    assert "--url: an address is expected" in done.stderr


# The site


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something that was told of two services, and a change that was not."""
    path = tmp_path_factory.mktemp("feeds") / "archive.db"
    with store.writing(path) as db:
        told(db, pushed(db))
        told(db, pushed(db, OTHER), DAY.format(6))
        pushed(db, TERMS)
    return path


@pytest.fixture(scope="module")
def site(archive: Path) -> Iterator[str]:
    with running(archive, Telling()) as address:
        yield address


def test_every_feed_is_served(site: str, archive: Path) -> None:
    with store.reading(archive) as db:
        names = [one.name for one in feeds.feeds(db)]
    assert names == [*GENERAL, "service/booking-com", "service/quillo"]
    for name in names:
        answer = httpx.get(f"{site}/-/feed/{name}.atom")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
        assert faults(answer.content) == []
        read = feedparser.parse(answer.content)
        assert {link.rel: link.href for link in read.feed.links} == {
            "self": f"{site}/-/feed/{name}.atom",
            "alternate": f"{site}/",
        }
        assert all(entry.link.startswith(f"{site}/-/change/") for entry in read.entries)
        assert httpx.get(read.feed.links[1].href).status_code == 200


def test_a_feed_is_guarded_like_every_page(site: str) -> None:
    for path in ("all.atom", ""):
        headers = httpx.get(f"{site}/-/feed/{path}").headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none';")
        assert headers["referrer-policy"] == "no-referrer"


def test_who_knows_a_feed_is_told_so(site: str) -> None:
    url = f"{site}/-/feed/all.atom"
    whole = httpx.get(url)
    tag, changed = whole.headers["etag"], whole.headers["last-modified"]
    assert changed == "Fri, 06 Mar 2026 06:00:00 GMT"
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": changed},
        {"If-Modified-Since": "Sat, 07 Mar 2026 06:00:00 GMT"},
        {"If-None-Match": tag, "If-Modified-Since": "Thu, 05 Mar 2026 06:00:00 GMT"},
    ):
        answer = httpx.get(url, headers=headers)
        assert (answer.status_code, answer.content) == (304, b""), headers
        assert {name: answer.headers[name] for name in ("etag", "last-modified", "cache-control")} == {
            "etag": tag,
            "last-modified": changed,
            "cache-control": "public, no-cache",
        }


def test_who_knows_an_older_feed_gets_this_one(site: str) -> None:
    url = f"{site}/-/feed/all.atom"
    whole = httpx.get(url)
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": whole.headers["etag"].strip('"')},
        {"If-None-Match": '"other"', "If-Modified-Since": whole.headers["last-modified"]},
        {"If-Modified-Since": "Fri, 06 Mar 2026 05:59:59 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": ""},
    ):
        answer = httpx.get(url, headers=headers)
        assert (answer.status_code, answer.content) == (200, whole.content), headers


def test_head_is_the_same_without_the_feed(site: str) -> None:
    whole, head = (httpx.request(method, f"{site}/-/feed/all.atom") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    names = ("etag", "last-modified", "content-type", "content-length")
    assert [head.headers[name] for name in names] == [whole.headers[name] for name in names]


@pytest.mark.parametrize("path", ["service/nobody.atom", "all", "all.xml", "%2e%2e/all.atom", "%00.atom", "x" * 500])
def test_an_unknown_feed_is_a_friendly_404(site: str, path: str) -> None:
    answer = httpx.get(f"{site}/-/feed/{path}")
    assert answer.status_code == 404
    assert "There is no such feed." in answer.text


def test_the_site_leads_to_its_feeds(site: str) -> None:
    front, change = (BeautifulSoup(httpx.get(f"{site}{path}").text, "lxml") for path in ("/", "/-/change/2"))
    for shown in (front, change):
        [found] = shown.find_all("link", rel="alternate", type="application/atom+xml")
        assert found["href"] == "/-/feed/all.atom"
        assert shown.find("a", string="Feeds")["href"] == "/-/feed/"
    assert change.find("a", type="application/atom+xml")["href"] == "/-/feed/service/quillo.atom"
    listed = httpx.get(f"{site}/-/feed", follow_redirects=True)
    assert str(listed.url) == f"{site}/-/feed/"
    assert "service/quillo.atom" in listed.text


def test_plugins_are_still_listed(site: str) -> None:
    assert "smallprint_feeds" in {one["name"] for one in httpx.get(f"{site}/-/plugins.json").json()}


def test_a_site_without_feeds_leads_to_none(archive: Path) -> None:
    """Where somebody runs Datasette on the archive without us."""
    assert "feed" not in str(page(archive, "/-/change/2")).lower()


@pytest.mark.parametrize(
    "host", ['evil"><script>', "a b", "evil.example/x", "[::1", "[:::::]", "", "evil.example:http"]
)
def test_a_host_that_is_none_is_not_repeated(site: str, host: str) -> None:
    answer = httpx.get(f"{site}/-/feed/all.atom", headers={"Host": host})
    assert b"evil" not in answer.content
    assert answer.status_code == 400 or faults(answer.content) == []


def test_a_known_site_is_named_whoever_asks(archive: Path, tmp_path: Path) -> None:
    """Behind a proxy; and a file is the same as what is served."""
    with running(archive, AT_SITE) as address:
        answer = httpx.get(f"{address}/-/feed/all.atom")
        assert f"{AT_SITE.site}/" in httpx.get(f"{address}/-/feed/").text
    links = {link.rel: link.href for link in feedparser.parse(answer.content).feed.links}
    assert links == {
        "self": "https://watch.example/-/feed/all.atom",
        "alternate": "https://watch.example/",
        "hub": "https://hub.example/",
    }
    with store.reading(archive) as db:
        feed_folder.write(db, tmp_path, place(AT_SITE), lambda done, of: None)
    assert (tmp_path / "all.atom").read_bytes() == answer.content


def test_what_is_told_meanwhile_is_served(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        told(db, pushed(db))
        with running(tmp_path / "a.db", AT_SITE) as address:
            before = httpx.get(f"{address}/-/feed/all.atom")
            told(db, pushed(db, OTHER), DAY.format(9), told_in=2)
            after = httpx.get(f"{address}/-/feed/all.atom", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["last-modified"] == "Mon, 09 Mar 2026 06:00:00 GMT"
    [entry] = feedparser.parse(after.content).entries
    assert "2 documents" in entry.title


# The hub


def topics(web_hub: Receiver) -> list[str]:
    """The feeds that a hub was told of."""
    assert {request.headers["content-type"] for request in web_hub.requests} <= {"application/x-www-form-urlencoded"}
    told = [parse_qs(request.body.decode()) for request in web_hub.requests]
    assert all(set(one) == {"hub.mode", "hub.url"} and one["hub.mode"] == ["publish"] for one in told)
    return [url for one in told for url in one["hub.url"]]


def settings(folder: Path, archive: Path, hub: str) -> None:
    lines = f'archive = "{archive}"\n[notify]\nsite = "https://watch.example"\nhub = "{hub}"\n'
    (folder / "smallprint.toml").write_text(lines)


def test_notify_tells_the_hub_which_feeds_have_news(archive_path: Path, tmp_path: Path, receiver: Receiver) -> None:
    with store.writing(archive_path) as db:
        told(db, pushed(db))
        pushed(db, OTHER)
    settings(tmp_path, archive_path, receiver.url)
    first, second = (smallprint("notify", cwd=tmp_path) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    names = ("all", "topic/ai-training", "severity/high", "service/booking-com")
    assert topics(receiver) == [f"https://watch.example/-/feed/{name}.atom" for name in names]


def test_a_hub_that_fails_is_one_line(archive_path: Path, tmp_path: Path, receiver: Receiver) -> None:
    with store.writing(archive_path) as db:
        pushed(db)
    receiver.script = [500]
    settings(tmp_path, archive_path, receiver.url)
    done = smallprint("notify", cwd=tmp_path)
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "hub" in line] == [
        "The WebSub hub was not told: the server answered with 500"
    ]
    assert len(receiver.requests) == 1


def test_a_hub_that_is_not_there_is_one_line() -> None:
    told = hub.publish(f"http://127.0.0.1:{free_port()}/", ["https://watch.example/a.atom"])
    assert told == "The WebSub hub was not told: the server was not reached"


def test_files_elsewhere_are_told_by_their_own_addresses(
    db: Database, archive_path: Path, tmp_path: Path, receiver: Receiver
) -> None:
    told(db, pushed(db))
    settings(tmp_path, archive_path, receiver.url)
    elsewhere = ("feed", "feeds", "--url", "https://feeds.example/")
    smallprint(*elsewhere, cwd=tmp_path)
    assert set(topics(receiver)) == {f"https://feeds.example/{name}.atom" for name in (*GENERAL, "service/quillo")}
    receiver.requests.clear()
    smallprint(*elsewhere, cwd=tmp_path)
    assert receiver.requests == []
    told(db, pushed(db, TERMS), DAY.format(9))
    done = smallprint(*elsewhere, cwd=tmp_path)
    assert done.stdout == "feeds: 7 feeds, 4 of them written.\n"
    assert len(receiver.requests) == 4


def test_without_a_site_no_hub_is_told(db: Database, receiver: Receiver) -> None:
    """Nobody could tell it where the feeds are."""
    said = list[str]()
    with announcing.queued(Telling(hub=receiver.url), db, said.append):
        told(db, pushed(db))
    assert (receiver.requests, said) == ([], [])
    assert b"hub" not in Press().write(db, ALL, place(Telling(hub=receiver.url))).body


def test_an_import_that_is_told_tells_the_hub(db: Database, receiver: Receiver) -> None:
    with announcing.queued(Telling(site="https://w.example", hub=receiver.url), db, print, "Others"):
        theirs = pushed(db, POLICY)
        db.execute("UPDATE documents SET origin = 'Others'")
    assert receiver.requests == []
    with announcing.queued(Telling(site="https://w.example", hub=receiver.url), db, print, "Others"):
        told(db, theirs)
    assert topics(receiver)[0] == "https://w.example/-/feed/all.atom"


def test_the_page_is_the_same_everywhere(site: str, archive: Path) -> None:
    with store.reading(archive) as db:
        assert httpx.get(f"{site}/-/feed/").text == feed_page.page(feeds.feeds(db), site)
