"""Crawls of the same documents, one after the other: what is asked again, what is read again, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from archive import recording, store
from archive.words import Fetch, Outcome, Snapshot
from crawler.declaration import Declaration
from tests import crawling
from tests.crawling import Crawled, declared, page
from tests.servers import HTML, Answer, Asked, Server, redirect, serving

EARLY, LATE = "Mon, 05 Jan 2026 10:00:00 GMT", "Sat, 10 Jan 2026 10:00:00 GMT"
NEW = page("We now train models on what you write.")
OLD = page("We train no models.")


class Page:
    """A page that answers conditional requests as servers do."""

    def __init__(self, body: bytes, etag: str = "", changed: str = ""):
        self.body, self.etag, self.changed = body, etag, changed

    def __call__(self, asked: Asked) -> Answer:
        given = {"ETag": self.etag, "Last-Modified": self.changed}
        headers = HTML | {name: text for name, text in given.items() if text}
        same = bool(self.etag) and asked.headers.get("if-none-match") == self.etag
        since = asked.headers.get("if-modified-since", "")
        older = bool(self.changed and since) and parsedate_to_datetime(self.changed) <= parsedate_to_datetime(since)
        return Answer(b"", 304, headers) if same or older else Answer(self.body, 200, headers)


@dataclass(frozen=True)
class Rounds:
    """The same documents crawled three times, with what was asked for in each round."""

    crawled: list[Crawled]
    asked: list[list[Asked]]
    archive: Path

    def request(self, number: int, path: str) -> Asked:
        """The only request for a path in a round."""
        (asked,) = [asked for asked in self.asked[number] if asked.path == path]
        return asked

    def outcomes(self, name: str) -> list[str]:
        """How each round ended for a document."""
        return [crawled.outcome(name)[0] for crawled in self.crawled]

    def versions(self, name: str) -> list[tuple[int, str]]:
        """Each version of a document: whether it is technical, and its text."""
        sql = """SELECT versions.id, technical FROM versions JOIN documents ON documents.id = document_id
                 WHERE type = ? ORDER BY versions.id"""
        found = crawling.rows(self.archive, sql, name)
        return [(row["technical"], " ".join(crawling.text(self.archive, row["id"]))) for row in found]


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    own = crawling.settings(tmp_path_factory.mktemp("rounds"))
    aside = OLD.replace(b"</main>", b"</main><aside><p>Ask us first.</p></aside>")
    pages = {
        "/etag": Page(OLD, etag='"v1"'),
        "/dated": Page(OLD, changed=EARLY),
        "/plain": Page(OLD),
        "/noisy": Page(OLD),
        "/killed": Page(OLD, etag='"k1"'),
        "/unreadable": Page(b"<nav>Home</nav>", etag='"u1"'),
        "/behind-late": Page(OLD, changed=LATE),
        "/behind-early": Page(NEW, changed=EARLY),
        "/selector": Page(aside, etag='"s1"'),
        "/lost": Page(OLD, etag='"l1"'),
        "/one": Page(page("A", "B"), etag='"o1"'),
        "/two": Page(page("C"), etag='"t1"'),
    }
    with serving({**pages, "/moved": redirect("/behind-late")}) as server:
        first = [declared(name, f"{server.url}/{name}") for name in ("etag", "dated", "plain", "killed", "unreadable")]
        first += [declared(name, f"{server.url}/{name}") for name in ("moved", "selector", "lost", "noisy")]
        first += [declared("both", f"{server.url}/one", f"{server.url}/two")]
        crawled, asked = [crawling.crawl(own, first)], [_taken(server)]

        _interrupted_crawl(own.archive, first[3])
        server.answers["/moved"] = redirect("/behind-early")  # an older page, and new to us
        server.answers |= {"/one": Page(page("A"), etag='"o2"'), "/two": Page(page("B", "C"), etag='"t2"')}
        second = [*first[:6], _reading(first[6], "main", "aside"), _reading(first[7], "nav"), *first[8:]]
        server.answers["/noisy"] = Page(OLD + b"<!-- built at noon -->")
        crawled.append(crawling.crawl(own, second))
        asked.append(_taken(server))

        server.answers["/etag"] = Page(NEW, etag='"v2"')
        server.answers["/selector"] = Page(aside.replace(b"Ask us first", b"Do as you like"), etag='"s2"')
        server.answers["/one"] = Page(page("A", "D"), etag='"o3"')
        crawled.append(crawling.crawl(own, second))
        asked.append(_taken(server))
        yield Rounds(crawled, asked, own.archive)


def _taken(server: Server) -> list[Asked]:
    asked, server.asked = server.asked, []
    return asked


def _reading(declaration: Declaration, *select: str) -> Declaration:
    return replace(declaration, sources=tuple(replace(source, select=select) for source in declaration.sources))


def _interrupted_crawl(archive: Path, declaration: Declaration) -> None:
    """A crawl that was killed after it had stored a page, and before it could read it."""
    url = declaration.sources[0].fetch
    with store.writing(archive) as db:
        document = recording.record_document(db, declaration.document)
        fetch = Fetch(url, recording.now(), Outcome.FETCHED, "", 200, url, (("ETag", '"k2"'),))
        recording.record_fetch(db, document, 0, fetch, Snapshot(NEW, "text/html", url))


def test_nothing_goes_wrong_in_any_round(rounds: Rounds) -> None:
    assert [(one.error, one.stderr, one.finished) for one in rounds.crawled] == [("", "", True)] * 3


def test_an_etag_comes_back_and_not_modified_costs_nothing(rounds: Rounds) -> None:
    assert "if-none-match" not in rounds.request(0, "/etag").headers
    assert rounds.request(1, "/etag").headers["if-none-match"] == '"v1"'
    assert rounds.outcomes("etag") == ["recorded", "not modified", "recorded"]
    assert [url for url in rounds.crawled[1].extracted if url.endswith("/etag")] == []


def test_a_date_comes_back(rounds: Rounds) -> None:
    assert rounds.request(1, "/dated").headers["if-modified-since"] == EARLY
    assert rounds.outcomes("dated") == ["recorded", "not modified", "not modified"]
    assert rounds.request(2, "/dated").headers["if-modified-since"] == EARLY


def test_robots_is_asked_for_without_conditions(rounds: Rounds) -> None:
    assert not any(name.startswith("if-") for name in rounds.request(1, "/robots.txt").headers)


def test_the_same_bytes_are_unchanged_without_being_read(rounds: Rounds) -> None:
    assert rounds.outcomes("plain") == ["recorded", "unchanged", "unchanged"]
    assert not any(name.startswith("if-") for name in rounds.request(1, "/plain").headers)
    assert [url for one in rounds.crawled for url in one.extracted if url.endswith("/plain")] == [
        url for url in rounds.crawled[0].extracted if url.endswith("/plain")
    ]


def test_noise_that_stays_is_read_once(rounds: Rounds) -> None:
    assert rounds.outcomes("noisy") == ["recorded", "unchanged", "unchanged"]
    read = [sum(url.endswith("/noisy") for url in one.extracted) for one in rounds.crawled]
    assert read[1] > 0
    assert read[2] == 0


def test_a_page_stored_and_not_read_is_read_though_the_server_says_not_modified(rounds: Rounds) -> None:
    assert rounds.versions("killed")[1] == (0, "We now train models on what you write.")
    sql = """SELECT outcome FROM fetches JOIN documents ON documents.id = document_id
             WHERE type = 'killed' ORDER BY fetches.id"""
    # Round one, the interrupted crawl, and two rounds whose conditions are those of the newest page that was read.
    assert [row["outcome"] for row in crawling.rows(rounds.archive, sql)][:2] == ["recorded", "recorded"]
    assert rounds.request(1, "/killed").headers["if-none-match"] == '"k2"'


def test_an_answer_that_could_not_be_read_is_asked_for_again(rounds: Rounds) -> None:
    assert rounds.outcomes("unreadable") == ["unextractable"] * 3
    assert "if-none-match" not in rounds.request(1, "/unreadable").headers


def test_a_redirect_that_leads_elsewhere_is_asked_without_conditions(rounds: Rounds) -> None:
    assert "if-modified-since" not in rounds.request(1, "/behind-early").headers
    assert rounds.outcomes("moved") == ["recorded", "recorded", "not modified"]
    assert rounds.request(2, "/behind-early").headers["if-modified-since"] == EARLY


def test_a_new_selector_is_technical_and_the_next_change_is_not(rounds: Rounds) -> None:
    assert rounds.outcomes("selector") == ["recorded", "not modified", "recorded"]
    assert rounds.versions("selector") == [
        (0, "We train no models."),
        (1, "We train no models. Ask us first."),
        (0, "We train no models. Do as you like."),
    ]


def test_a_selector_that_finds_nothing_is_not_hidden_by_not_modified(rounds: Rounds) -> None:
    assert rounds.outcomes("lost") == ["recorded", "unextractable", "unextractable"]
    assert len(rounds.versions("lost")) == 1


def test_a_document_of_two_pages_changes_as_one(rounds: Rounds) -> None:
    assert [text for _, text in rounds.versions("both")] == ["A B C", "A D B C"]
    told = [sorted(outcome for kind, outcome, _ in one.told if kind == "both") for one in rounds.crawled]
    assert told == [["recorded"] * 2, ["unchanged"] * 2, ["not modified", "recorded"]]
