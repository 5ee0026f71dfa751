"""The site as files: every link leads somewhere, at any place, and a second run writes only what differs."""

from __future__ import annotations

import asyncio
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from archive import published, store
from archive.errors import SmallprintError
from archive.settings import Telling
from smallprint import publishing
from smallprint.published import cited, is_published, place, way
from smallprint.relinking import POLICY, relinked
from tests.commands import smallprint

WEB = "https://watch.example/small"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """The plainest of web hosts."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """The address at which a folder is found on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def links(text: str) -> set[str]:
    """All addresses that a page would have its reader, or the browser, ask for."""
    shown = BeautifulSoup(text, "lxml")
    named = [element.get("href") or element.get("src") for element in shown.select("[href], [src]")]
    return {urlsplit(address)._replace(fragment="").geturl() for address in named if not address.startswith("#")}


def visited(start: str) -> dict[str, int]:
    """The status of every page, file and feed that a reader of a folder comes upon."""
    found, waiting = dict[str, int](), [start]
    while waiting:
        address = waiting.pop()
        answer = httpx.get(address)
        found[address] = answer.status_code
        if "text/html" in answer.headers["content-type"]:
            near = {urljoin(address, link) for link in links(answer.text)}
            waiting += [one for one in near if one.startswith(start[:20]) and one not in found and one not in waiting]
    return found


@pytest.fixture(scope="module")
def folder(site_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the tests, published where nobody has said where it will lie."""
    parent = tmp_path_factory.mktemp("publish")
    done = smallprint("publish", "site", "--archive", str(site_archive), cwd=parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"site: \d+ pages, \d+\.\d MB; (\d+) of \1 files written\.\n", done.stdout)
    return parent / "site"


# What is there


def test_every_link_leads_to_a_file(folder: Path) -> None:
    with hosted(folder) as address:
        found = visited(f"{address}/")
    assert set(found.values()) == {200}
    assert {f"{address}/-/change/2.html", f"{address}/-/change/2.json", f"{address}/-/feed/all.atom"} <= set(found)


def test_it_works_below_another_site_too(folder: Path) -> None:
    with hosted(folder.parent) as address:
        found = visited(f"{address}/{folder.name}/")
    assert set(found.values()) == {200}
    assert len(found) > 10
    assert all(one.startswith(f"{address}/{folder.name}/") for one in found)


def test_the_front_flagged_changes_and_feeds_are_there(folder: Path, site_archive: Path) -> None:
    with store.reading(site_archive) as db:
        scope = published.scope(db)
    assert scope.changes == {"2", "5"}
    there = set(files(folder))
    assert {"index.html", "404.html", "robots.txt", "-/front.json", "-/smallprint/site.css"} <= there
    assert {f"-/change/{number}.{kind}" for number in scope.changes for kind in ("html", "json")} <= there
    assert {f"-/snapshot/{sha256}.txt" for sha256 in scope.snapshots} <= there
    assert {f"-/feed/{name}.atom" for name in scope.feeds} <= there
    assert "-/change/3.html" not in there  # cosmetic


def test_a_link_to_what_is_not_published_is_plain_text(folder: Path) -> None:
    shown = BeautifulSoup((folder / "-/change/2.html").read_text("utf-8"), "lxml")
    targets = {link["href"] for link in shown.select("a[href]")}
    assert not [target for target in targets if target.startswith("/")]
    assert "3.html" not in targets
    assert "The next change →" in shown.select_one("nav.neighbours").text  # which is change 3
    assert not shown.select("form")


def test_pages_carry_the_policy_that_no_header_brings(folder: Path) -> None:
    pages = [text for name, text in files(folder).items() if name.endswith(".html") and not name.startswith("-/feed/")]
    for text in pages:
        first = BeautifulSoup(text, "lxml").head.find(True)
        assert (first["http-equiv"], first["content"]) == ("Content-Security-Policy", POLICY)
    assert "unsafe" not in POLICY
    assert len(pages) > 3


def test_nothing_is_said_of_a_place_that_nobody_knows(folder: Path) -> None:
    for name in ("index.html", "-/change/2.html"):
        text = (folder / name).read_text("utf-8")
        assert "canonical" not in text
        assert "og:url" not in text
    assert not links((folder / "404.html").read_text("utf-8")) - {"https://datasette.io/"}
    assert "sitemap.xml" not in files(folder)


def test_with_its_place_known_pages_name_it(site_archive: Path, tmp_path: Path) -> None:
    assert (
        smallprint("publish", "site", "--url", f"{WEB}/", "--archive", str(site_archive), cwd=tmp_path).returncode == 0
    )
    there = files(tmp_path / "site")
    shown = BeautifulSoup(there["-/change/2.html"], "lxml")
    assert shown.select_one("link[rel=canonical]")["href"] == f"{WEB}/-/change/2.html"
    assert shown.select_one("meta[property='og:url']")["content"] == f"{WEB}/-/change/2.html"
    assert f"<loc>{WEB}/</loc>" in there["sitemap.xml"].decode()
    assert f"<loc>{WEB}/-/change/5.html</loc>" in there["sitemap.xml"].decode()
    assert f"Sitemap: {WEB}/sitemap.xml" in there["robots.txt"].decode()
    missing = {link for link in links(there["404.html"].decode()) if "datasette.io" not in link}
    assert f"{WEB}/index.html" in missing
    assert all(link.startswith(f"{WEB}/") for link in missing)


def test_an_address_that_is_none_is_refused(site_archive: Path, tmp_path: Path) -> None:
    done = smallprint("publish", "site", "--url", "watch.example", "--archive", str(site_archive), cwd=tmp_path)
    assert done.returncode == 2
    assert "--url: an address is expected" in done.stderr
    assert not (tmp_path / "site").exists()


# Again


def test_a_second_run_writes_what_differs_and_keeps_what_was_cited(site_archive: Path, tmp_path: Path) -> None:
    archive = tmp_path / "demo.db"
    archive.write_bytes(site_archive.read_bytes())
    assert smallprint("publish", "site", "--archive", str(archive), cwd=tmp_path).returncode == 0
    before = files(tmp_path / "site")
    again = smallprint("publish", "site", "--archive", str(archive), cwd=tmp_path)
    assert "; 0 of " in again.stdout
    with store.writing(archive) as db:
        db.execute("UPDATE changes SET decision = 'quarantined' WHERE id = 2")
        db.conn.commit()
    assert smallprint("publish", "site", "--archive", str(archive), cwd=tmp_path).returncode == 0
    after = files(tmp_path / "site")
    assert after["-/change/2.html"] == before["-/change/2.html"]
    assert after["index.html"] != before["index.html"]
    assert "change/2.html" not in after["index.html"].decode()


def test_nobody_elses_files_are_overwritten(site_archive: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    done = smallprint("publish", str(tmp_path), "--archive", str(site_archive))
    assert done.returncode == 2
    assert "holds files that are not of `smallprint publish`" in done.stderr
    assert files(tmp_path) == {"index.html": b"mine"}


def test_a_folder_that_cannot_be_made_is_told(site_archive: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = smallprint("publish", str(tmp_path / "file" / "site"), "--archive", str(site_archive))
    assert done.returncode == 2
    assert "name another folder" in done.stderr


def test_a_run_that_was_killed_leaves_whole_files(site_archive: Path, folder: Path, tmp_path: Path) -> None:
    whole = files(folder)
    argv = [sys.executable, "-m", "smallprint", "publish", "site", "--archive", str(site_archive)]
    with subprocess.Popen(argv, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        while not (tmp_path / "site" / "index.html").exists() and process.poll() is None:
            threading.Event().wait(0.01)
        process.kill()
    there = {name: body for name, body in files(tmp_path / "site").items() if not Path(name).name.startswith(".")}
    assert there
    assert all(whole[name] == body for name, body in there.items())


# Which pages, and where they lie


def test_pages_are_found_by_links_and_each_is_fetched_once(
    site_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a kind that waits for a link: the front page leads to one passage, and that to all others."""
    with store.reading(site_archive) as db:
        first, *others = sorted(published.scope(db).passages, key=int)
    asked = list[str]()

    async def front(datasette: Datasette, request: Request) -> Response:
        return Response.html(f'<a href="/-/passage/{first}">One</a> <a href="/-/passage/999">None</a>')

    async def passage(datasette: Datasette, request: Request) -> Response:
        asked.append(request.url_vars["id"])
        return Response.html("".join(f'<a href="/-/passage/{one}">{one}</a>' for one in [first, *others]))

    monkeypatch.setattr(publishing, "ROUTES", [(r"^/$", front), (r"^/-/passage/(?P<id>[0-9]+)$", passage)])
    count = asyncio.run(publishing.publish(site_archive, tmp_path / "site", Telling(), "", lambda done, of: None))
    assert sorted(asked, key=int) == [first, *others]
    assert len(others) > 1
    assert count.pages == 1 + len(asked)
    assert f'<a href="-/passage/{first}.html">One</a> None' in (tmp_path / "site" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/", "index.html"),
        ("/-/front.json", "-/front.json"),
        ("/-/service/nimbus", "-/service/nimbus.html"),
        ("/-/services/consent", "-/services/consent.html"),
        ("/-/change/5/whole/part/2", "-/change/5/whole/part/2.html"),
        ("/-/change/5.json", "-/change/5.json"),
        ("/-/snapshot/ab12", "-/snapshot/ab12.txt"),
        ("/-/smallprint/site.css", "-/smallprint/site.css"),
        ("/-/feed/", "-/feed/index.html"),
        ("/-/feed/service/nimbus.atom", "-/feed/service/nimbus.atom"),
    ],
)
def test_each_address_has_a_file(path: str, file: str) -> None:
    assert place(path) == file


def test_a_link_names_the_way_between_two_files() -> None:
    assert way("-/change/5.html", "-/service/nimbus.html") == "../service/nimbus.html"
    assert way("index.html", "-/change/5.html") == "-/change/5.html"
    assert way("-/change/5.html", "index.html") == "../../index.html"


def test_what_is_published_is_what_flagged_changes_are_about(site_archive: Path) -> None:
    with store.reading(site_archive) as db:
        scope = published.scope(db)
        (before,) = db.conn.execute("SELECT before_version_id FROM changes WHERE id = 2").fetchone()
    yes = [
        "/",
        "/-/front.json",
        "/-/services",
        "/-/services/consent",
        "/-/health",
        "/-/service/nimbus",
        "/-/document/1",
    ]
    yes += ["/-/change/2", "/-/change/2.json", f"/-/version/{before}", f"/-/version/{before}/part/2.json"]
    yes += [f"/-/change/2/{view}" for view in ("side-by-side", "whole", "part/2", "whole/part/12")]
    no = [
        "/-/change/3",
        "/-/change/1",
        "/-/change/3/whole",
        "/-/change/2/whole.json",
        "/-/between/1/2",
        "/-/search",
        "/-/nothing",
        "/demo",
        "/-/service/nobody",
        "/-/snapshot/ab",
    ]
    assert [path for path in yes if not is_published(path, scope)] == []
    assert [path for path in no if is_published(path, scope)] == []
    assert set(cited(scope)) > {"/", "/-/change/2", "/-/change/5", "/-/document/1", "/-/service/nimbus"}


# One page


def find(address: str) -> str | None:
    return {"/a": "../a.html", "/a.css?v=1": "a.css?v=1"}.get(address)


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("<p>5 &lt; 6 &amp; &#39;so&#39; <!-- kept --><br><b>é</b></p>", None),
        ('<a class="x" href="/a#part">A</a>', '<a class="x" href="../a.html#part">A</a>'),
        ('<a href="/b">B <em>b</em></a>, <a href="/a">A</a>', 'B <em>b</em>, <a href="../a.html">A</a>'),
        ('<a href="https://x.example/?a=1&amp;b=2">X</a>', None),
        ('<a href="#here">Here</a>', None),
        ('<a href="?page=2">More</a>', "More"),
        ('<a href="/a?page=2">More</a>', "More"),
        (
            '<link rel="stylesheet" href="/a.css?v=1"><link rel="icon" href="/b.svg">',
            '<link rel="stylesheet" href="a.css?v=1">',
        ),
        ('<script type="module" src="/b.js"></script>', ""),
        ('<form action="/b"><label>Find <input name="q"></label></form><p>After</p>', "<p>After</p>"),
        ('<svg viewBox="0 0 1 1"><a href="/b"><path d="M0"/></a></svg>', '<svg viewBox="0 0 1 1"><path d="M0"/></svg>'),
        ('<a href="/a" title="&quot;&gt;">A</a>', '<a href="../a.html" title="&quot;&gt;">A</a>'),
        ('<link rel="canonical" href="/x"><meta property="og:url" content="/x">', ""),
    ],
)
def test_links_change_and_nothing_else(page: str, file: str | None) -> None:
    assert relinked(page, find, "") == (page if file is None else file)


def test_a_page_names_its_own_place() -> None:
    page = '<link rel="canonical" href="/x"><meta property="og:url" content="/x">'
    assert relinked(page, find, WEB) == f'<link rel="canonical" href="{WEB}"><meta property="og:url" content="{WEB}">'


def test_a_folder_of_ours_is_taken_again(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    publishing.prepare(tmp_path / "site")
    (tmp_path / "site" / "index.html").write_text("")
    publishing.prepare(tmp_path / "site")
    (tmp_path / "site" / publishing.MARK).unlink()
    with pytest.raises(SmallprintError, match="not of `smallprint publish`"):
        publishing.prepare(tmp_path / "site")
