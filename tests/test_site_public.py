"""The site for strangers: what is shut, what an answer may cost, what may be kept, and what search engines read."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from sqlite_utils import Database

from archive import limits, places, standing, store
from archive.backup import backup
from archive.frozen import is_frozen
from pages import caching, doors, readers
from pages.addresses import Addresses
from pages.shelf import SECONDS, Made, Shelf
from smallprint import serve
from smallprint.site import made
from tests.site_pages import running, words

OF_THE_MACHINE = ["metadata", "versions", "plugins", "settings", "config", "threads", "databases", "actor"]
OF_THE_MACHINE += ["auth-token", "logout", "permissions", "messages", "allow-debug", "patterns"]
STRANGE = ["/nowhere", "/demo/nowhere", "/demo/flags/999", "/-/change/abc", "/-/change/999", "/-/feed/../x", "/~00"]
STRANGE += ["/-/nowhere", "/a/b/c/d", "/demo/documents/1/2", "/-/smallprint~2Fx"]
BIG = "replace(hex(zeroblob(140000)), '00', 'x')"


def visit(
    path: Path, *addresses: str, public: bool = True, method: str = "GET", **headers: str
) -> list[httpx.Response]:
    """The answers of the site to strangers, or to the one whose machine it is."""

    async def go() -> list[httpx.Response]:
        shown = made(path, public=public)
        return [await shown.client.request(method, address, headers=headers) for address in addresses]

    return asyncio.run(go())


# What is shut


@pytest.mark.parametrize("name", OF_THE_MACHINE)
def test_nothing_tells_of_the_machine(site_archive: Path, name: str) -> None:
    at_home = visit(site_archive, f"/-/{name}", public=False)[0]
    assert at_home.status_code != 404  # Datasette has it
    for answer in visit(site_archive, f"/-/{name}", f"/-/{name}.json"):
        assert answer.status_code == 404
        assert str(site_archive.parent) not in answer.text


def test_lists_of_databases_are_shut_and_the_archive_is_open(site_archive: Path) -> None:
    shut = visit(site_archive, "/.json", "/.jsono", "/_memory", "/:memory:/x", "/_internal", "/_internal/databases")
    assert {answer.status_code for answer in shut} == {404}
    opened = visit(
        site_archive,
        "/",
        "/demo",
        "/demo/flags",
        "/demo/flags/1",
        "/demo.json",
        "/demo?sql=select+1",
        "/-/static/app.css",
    )
    assert {answer.status_code for answer in opened} == {200}


def test_the_place_of_the_archive_is_nowhere_to_read(site_archive: Path) -> None:
    asked = ["/demo.json?sql=select+*+from+pragma_database_list", "/demo.json?sql=select+*+from+PRAGMA_DATABASE_LIST"]
    for answer in visit(site_archive, "/demo", "/demo.json", *asked):
        assert answer.status_code == 200
        assert str(site_archive.parent) not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_public_site_is_only_read(site_archive: Path, method: str) -> None:
    for answer in visit(site_archive, "/", "/demo", "/demo/this_month", method=method):
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_who_asks_makes_no_difference(site_archive: Path) -> None:
    plain = visit(site_archive, "/", "/demo/flags")
    named = visit(site_archive, "/", "/demo/flags", cookie="ds_actor=x; other=y", authorization="Bearer z")
    for one, other in zip(plain, named, strict=True):
        assert one.content == other.content
        assert one.headers["cache-control"] == other.headers["cache-control"]
        assert "vary" not in other.headers


# What an answer may cost


@pytest.fixture
def strange(site_archive: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{site_archive}?mode=ro", uri=True)) as connection:
        limits.restrain(connection)
        yield connection


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT randomblob(1e9)",
        "SELECT zeroblob(1e9)",
        "SELECT printf('%.*c', 1e9, 'x')",
        "SELECT format('%.*c', 1e9, 'x')",
        f"SELECT replace({BIG}, 'x', {BIG})",
        f"SELECT json_patch({BIG}, {BIG})",
        "WITH RECURSIVE c(x) AS (SELECT zeroblob(200000) UNION ALL SELECT x FROM c) SELECT x FROM c LIMIT 1000",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT randomblob(200000) FROM c) SELECT count(*) FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT randomblob(2e5) FROM c) SELECT x FROM c ORDER BY x",
        f"SELECT {', '.join(['1'] * 101)}",
        f"SELECT {BIG} LIKE '{'%x' * 101}'",
        f"SELECT {'(' * 300}1{')' * 300}",
        " UNION ".join(["SELECT 1"] * 60),
        "SELECT load_extension('x')",
        "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_stmt",
        "ATTACH ':memory:' AS other",
        "PRAGMA query_only = 0",
        "PRAGMA hard_heap_limit = 0",
        "CREATE TEMP TABLE t (x)",
        "DELETE FROM flags",
        "INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')",
    ],
)
def test_a_query_that_would_hurt_is_refused(strange: sqlite3.Connection, sql: str) -> None:
    with pytest.raises((sqlite3.DatabaseError, MemoryError)):
        strange.execute(sql).fetchmany(501)


def test_what_one_may_ask_is_answered_as_ever(strange: sqlite3.Connection, site_archive: Path) -> None:
    asked = [
        "SELECT trim('xxaxx', 'x'), ltrim('xxa', 'x'), rtrim(1211, 1), trim(' a '), ltrim('a', NULL)",
        "SELECT count(*) FROM passages_fts WHERE passages_fts MATCH 'train'",
        "SELECT name FROM pragma_table_info('flags')",
        "SELECT * FROM flagged_changes",
        "SELECT zeroblob(300000)",
    ]
    with closing(sqlite3.connect(site_archive)) as free:
        for sql in asked:
            assert [tuple(row) for row in strange.execute(sql)] == free.execute(sql).fetchall()


def test_the_answers_of_one_connection_do_not_add_up(strange: sqlite3.Connection) -> None:
    for _ in range(2 * limits.LARGEST // limits.LONGEST):
        assert len(strange.execute("SELECT zeroblob(?)", [limits.LONGEST]).fetchone()[0]) == limits.LONGEST


def test_strangers_do_not_read_what_targets_have_said(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with store.writing(path) as db:
        target = db.table("targets").insert({"name": "me"}).last_pk
        told = '{"error": "secret"}'
        bulletin = {"kind": "dead", "key": "me", "told": told, "queued_at": "2025-06-05T06:30:00Z"}
        number = db.table("bulletins").insert(bulletin).last_pk
        row = {"bulletin_id": number, "target_id": target, "queued_at": "2025-06-05T06:30:00Z", "last_error": "secret"}
        db.table("notifications").insert(row)
    answers = visit(path, "/a/notifications.json?_shape=array", "/a/bulletins.json?_shape=array")
    for answer in [*answers, *visit(path, "/a?sql=select+last_error||receipts+from+notifications", "/-/health")]:
        assert (answer.status_code, "secret" in answer.text) == (200, False)
    assert answers[0].json()[0]["target_id"] == target


def test_a_query_ends_in_its_time_and_says_so(site_archive: Path) -> None:
    sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n FROM c) SELECT count(*) FROM c"
    page, data = visit(site_archive, f"/demo?sql={sql}", f"/demo.json?sql={sql}")
    assert (page.status_code, data.status_code) == (400, 400)
    assert "takes too long" in words(BeautifulSoup(page.text, "lxml").main)
    assert data.json()["ok"] is False


@pytest.mark.parametrize(
    "sql", ["select randomblob(1e9)", "select printf('x')", "delete from flags", "attach 'x' as y"]
)
def test_a_refused_query_is_told_and_no_fault(site_archive: Path, sql: str, capfd: pytest.CaptureFixture[str]) -> None:
    for answer in visit(site_archive, f"/demo?sql={sql}", f"/demo.json?sql={sql}"):
        assert answer.status_code == 400
    assert "Traceback" not in capfd.readouterr().err


def test_rows_and_tables_are_bounded(site_archive: Path) -> None:
    sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n FROM c LIMIT 2000) SELECT n FROM c"
    many, stream = visit(site_archive, f"/demo.json?sql={sql}&_shape=array", "/demo/flags.csv?_stream=1")
    assert len(many.json()) == serve.PUBLIC["max_returned_rows"]
    assert stream.status_code == 400


def test_our_pages_do_not_wait_for_strangers(site_archive: Path) -> None:
    """All threads that answer SQL stand still; a page of ours comes."""

    threads = int(serve.PUBLIC["num_sql_threads"])
    standing, release = threading.Barrier(threads + 1), threading.Event()

    def stand(_: sqlite3.Connection) -> None:
        standing.wait()
        release.wait()

    async def go() -> int:
        shown, loop = made(site_archive, public=True), asyncio.get_running_loop()
        await shown.invoke_startup()
        waiting = [asyncio.ensure_future(shown.get_database().execute_fn(stand)) for _ in range(threads)]
        try:
            await loop.run_in_executor(None, standing.wait)
            return (await shown.client.get("/-/change/2")).status_code
        finally:
            release.set()
            await asyncio.gather(*waiting)

    assert asyncio.run(go()) == 200


def test_a_page_that_sqlite_works_too_long_for_is_given_up(site_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LONGEST", 0.0)
    sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n FROM c) SELECT count(*) FROM c"
    with pytest.raises(readers.SlowError, match="too long"):
        asyncio.run(readers.readers(made(site_archive)).run(lambda connection: connection.execute(sql).fetchone()))


# What goes wrong


@pytest.mark.parametrize("public", [True, False])
def test_addresses_that_lead_nowhere_are_told_quietly(
    site_archive: Path, public: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    for address, answer in zip(STRANGE, visit(site_archive, *STRANGE, public=public), strict=True):
        assert answer.status_code == 404, address
        shown = BeautifulSoup(answer.text, "lxml")
        assert shown.h1.text == "Not found", address
        assert shown.select_one("a[href='/']"), address
    assert capfd.readouterr().err == ""


def test_names_in_percents_are_sent_round_once_and_end_here(site_archive: Path) -> None:
    for answer in visit(site_archive, "/%00", "/%2e%2e/x", "//evil.example/", "/-%2Fversions", "/%5Cevil.example/"):
        assert answer.status_code in (302, 404)
        assert answer.headers.get("location", "/").startswith("/")
        assert not answer.headers.get("location", "/").startswith(("//", "/\\"))


def test_what_is_missing_is_told_as_json_where_that_was_asked_for(site_archive: Path) -> None:
    for answer in visit(site_archive, "/nowhere.json", "/-/change/999.json", "/-/versions.json", "/demo/nowhere.json"):
        assert (answer.status_code, answer.json()["ok"], answer.json()["status"]) == (404, False, 404)


def test_a_fault_of_ours_goes_to_the_log_and_no_further(
    site_archive: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> Sequence[object]:
        raise ValueError("the secret of the house")

    monkeypatch.setattr("pages.front.standing", broken)
    (answer,) = visit(site_archive, "/")
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert "Something went wrong here" in answer.text
    assert "ValueError: the secret of the house" in capfd.readouterr().err


# What may be kept


@pytest.mark.parametrize(("public", "kept"), [(True, "public, max-age=60"), (False, "no-cache")])
def test_a_page_that_is_known_is_not_sent_again(site_archive: Path, public: bool, kept: str) -> None:
    for address in ("/", "/-/change/2", "/-/change/2.json", "/-/front.json"):
        (first,) = visit(site_archive, address, public=public)
        tag = first.headers["etag"]
        (again,) = visit(site_archive, address, public=public, **{"if-none-match": f'W/{tag}, "other"'})
        (other,) = visit(site_archive, address, public=public, **{"if-none-match": '"other"'})
        assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
        assert (again.content, again.headers["etag"], again.headers["cache-control"]) == (b"", tag, kept)
        assert first.headers["cache-control"] == kept
        assert first.headers["content-length"] == str(len(first.content))


def test_files_are_kept_for_ever_under_the_address_of_their_content(site_archive: Path) -> None:
    (front,) = visit(site_archive, "/")
    address = BeautifulSoup(front.text, "lxml").select_one("link[rel=stylesheet]")["href"]
    edition = caching.editions(places.SITE / "static")["site.css"]
    assert address == f"/-/smallprint/site.css?v={edition}"
    known, bare, wrong = visit(site_archive, address, "/-/smallprint/site.css", "/-/smallprint/site.css?v=0")
    assert known.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert bare.headers["cache-control"] == wrong.headers["cache-control"] == "public, max-age=60"


def test_another_content_has_another_address(tmp_path: Path) -> None:
    to = [Addresses(lambda path: f"/{path}", {"a.css": edition}).file("a.css") for edition in ("1", "2")]
    assert to == ["/-/smallprint/a.css?v=1", "/-/smallprint/a.css?v=2"]
    (tmp_path / "a.css").write_text("a")
    caching.editions.cache_clear()
    before = caching.editions(tmp_path)
    caching.editions.cache_clear()
    (tmp_path / "a.css").write_text("b")
    assert caching.editions(tmp_path) != before


def test_a_page_is_made_once_for_many_readers(site_archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = list[int]()

    def counted(db: Database) -> standing.Standing:
        times.append(1)
        return standing.standing(db)

    monkeypatch.setattr("pages.front.standing", counted)
    first, *others = visit(site_archive, *["/"] * 5)
    assert {other.content for other in others} == {first.content}
    assert len(times) == 1
    visit(site_archive, "/?a=1", "/?a=1")
    assert len(times) == 3
    visit(site_archive, "/", "/", public=False)
    assert len(times) == 5


def test_a_shelf_has_a_size_and_what_is_on_it_an_end() -> None:
    now = [0.0]
    shelf, page = Shelf(25, lambda: now[0]), Made(b"x" * 10, "text/html")
    for key in "ab":
        shelf.put(key, page)
    assert shelf.get("a") == page
    shelf.put("c", page)
    assert [shelf.get(key) for key in "abc"] == [page, None, page]  # nobody had asked for b the longest
    shelf.put("huge", Made(b"x" * 30, ""))
    assert [shelf.get(key) for key in ("a", "c", "huge")] == [None, None, None]
    shelf.put("a", page)
    now[0] = SECONDS
    assert shelf.get("a") is None


def test_errors_are_not_kept(site_archive: Path) -> None:
    for answer in visit(site_archive, "/-/change/999", "/-/versions", "/nowhere", "/demo/flags.csv?_stream=1"):
        assert answer.headers["cache-control"] == "no-cache"


# What search engines read


def test_only_our_pages_are_listed(site_archive: Path) -> None:
    listed = ["/", "/-/change/2", "/-/feed/all.atom"]
    unlisted = ["/demo", "/demo/flags", "/?topic=consent", "/-/change/2.json", "/demo?sql=select+1", "/-/search?q=x"]
    assert all(doors.is_listed(address, "") for address in [*listed, "/-/service/x", "/robots.txt"])
    for answer in visit(site_archive, "/", "/-/change/2"):
        assert "x-robots-tag" not in answer.headers
    for answer in visit(site_archive, *unlisted):
        assert answer.headers["x-robots-tag"] == "noindex"


def test_robots_are_told(site_archive: Path) -> None:
    (at_home,), (public,) = visit(site_archive, "/robots.txt", public=False), visit(site_archive, "/robots.txt")
    assert at_home.text == "User-agent: *\nDisallow: /\n"
    lines = public.text.splitlines()
    assert {"Disallow: /", "Allow: /$", "Allow: /-/", "Disallow: /-/search", "Disallow: /-/snapshot/"} <= set(lines)
    assert public.headers["content-type"].startswith("text/plain")


# As it really runs


def test_the_command_serves_strangers(site_archive: Path) -> None:
    with running(site_archive, public=True) as address:
        front, head = httpx.get(address), httpx.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == front.headers["etag"]
        assert head.headers["content-length"] == str(len(front.content))
        assert "server" not in front.headers
        assert httpx.get(f"{address}/-/settings.json").status_code == 404
        assert httpx.get(f"{address}/-/feed/all.atom").status_code == 200
        assert httpx.post(address).status_code == 405


def test_the_list_of_feeds_allows_nothing_but_its_style(site_archive: Path) -> None:
    with running(site_archive, public=True) as address:
        policy = httpx.get(f"{address}/-/feed/").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src" not in policy  # so default-src 'none' holds
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


# A file that nobody writes


def test_a_file_without_the_right_to_be_written_is_frozen(site_archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(site_archive, copy)
    assert not is_frozen(copy)
    copy.chmod(0o444)
    assert is_frozen(copy)
    wal = tmp_path / "copy.db-wal"
    wal.write_bytes(b"")
    assert is_frozen(copy)
    wal.write_bytes(b"x")
    assert not is_frozen(copy)


@pytest.mark.parametrize(("rights", "beside"), [(0o444, []), (0o644, ["demo.db-shm", "demo.db-wal"])])
def test_beside_a_frozen_archive_nothing_is_put(
    site_archive: Path, tmp_path: Path, rights: int, beside: list[str]
) -> None:
    """In write-ahead mode too, where SQLite keeps files beside another: so it can lie where nothing can be written."""
    folder = tmp_path / "still"
    folder.mkdir()
    path = folder / "demo.db"
    path.write_bytes(site_archive.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    path.chmod(rights)
    if not beside:
        folder.chmod(0o555)
    try:
        assert made(path).get_database().is_mutable is bool(beside)
        with store.reading(path) as db:
            assert db["flags"].count
            assert {answer.status_code for answer in visit(path, "/", "/demo/flags")} == {200}
            assert sorted(one.name for one in folder.iterdir()) == ["demo.db", *beside]
    finally:
        folder.chmod(0o755)


def test_an_archive_that_is_written_meanwhile_is_read_as_it_is(site_archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    path.write_bytes(site_archive.read_bytes())

    async def go() -> tuple[str, str]:
        shown = made(path)
        assert shown.get_database().is_mutable
        before = await shown.client.get("/-/change/2")
        with store.writing(path) as db:
            db.execute("UPDATE changes SET line = 'Nimbus has changed its mind' WHERE id = 2")
            db.conn.commit()
        after = await shown.client.get("/-/change/2")
        return before.headers["etag"], after.headers["etag"]

    before, after = asyncio.run(go())
    assert before != after
