"""Scrapy's own commands in the checkout: they work as Scrapy's users expect, and do what our own crawl does."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from archive import store
from archive.settings import Settings
from crawler.declaration import Declaration
from tests import crawling
from tests.crawling import ROOT, declared, page
from tests.servers import Answer, Server, serving


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    errors: list[str]


def scrapy(config: Path, *arguments: str) -> Ran:
    """Runs a command of Scrapy in the checkout."""
    command = [sys.executable, "-m", "scrapy", *arguments]
    environment = crawling.environment(SMALLPRINT_CONFIG=str(config))
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr.splitlines())


CONFIG = """
archive = "a.db"
contact = "keeper@example.org"
services = ["Gantry"]
declarations = ["declarations"]
[crawl]
delay = 0
allow_addresses = ["127.0.0.1/32"]
"""


def configured(folder: Path, server: Server) -> Path:
    """A settings file that chooses one service, with two documents."""
    (folder / "declarations").mkdir(parents=True)
    terms = {
        "Privacy Policy": {"fetch": f"{server.url}/policy", "select": "main"},
        "Terms of Service": {"fetch": f"{server.url}/403", "select": "main"},
        "Imprint": {"fetch": f"{server.url}/empty", "select": "main"},
    }
    (folder / "declarations" / "Gantry.json").write_text(json.dumps({"name": "Gantry", "terms": terms}))
    config = folder / "smallprint.toml"
    config.write_text(CONFIG)
    return config


def test_scrapy_commands_without_a_settings_file(tmp_path: Path) -> None:
    missing = tmp_path / "smallprint.toml"
    with ThreadPoolExecutor() as pool:
        listed, crawled = pool.map(lambda one: scrapy(missing, *one), (["list"], ["crawl", "documents"]))
    assert (listed.code, listed.out) == (0, "documents\n")
    assert crawled.code == 1
    assert crawled.errors[-1] == f"{missing}: there is no settings file: `smallprint init` writes one"
    assert not any("Traceback" in line for line in crawled.errors)


def test_scrapy_crawl_does_what_our_own_crawl_does(tmp_path: Path) -> None:
    answers = {"/policy": Answer(page("We train no models.")), "/403": Answer(b"no", 403), "/empty": Answer(b"")}
    with serving(answers) as server, ThreadPoolExecutor() as pool:
        config = configured(tmp_path / "scrapy", server)
        items = tmp_path / "items.json"
        ran = pool.submit(scrapy, config, "crawl", "documents", "-O", str(items))
        ours = pool.submit(crawling.crawl, *_ours(tmp_path, server))
        assert ran.result().code == 0, ran.result().errors
        assert ours.result().finished
    columns = ("outcome", "detail", "status", "url", "final_url")
    rows = [crawling.fetches(archive) for archive in (config.parent / "a.db", tmp_path / "a.db")]
    assert _only(rows[0], columns) == _only(rows[1], columns)
    _check_items(json.loads(items.read_text()), rows[0])
    assert not any("Traceback" in line for line in ran.result().errors)


def _ours(folder: Path, server: Server) -> tuple[Settings, list[Declaration]]:
    pairs = {"Privacy Policy": "policy", "Terms of Service": "403", "Imprint": "empty"}
    return crawling.settings(folder), [declared(kind, f"{server.url}/{path}") for kind, path in pairs.items()]


def _only(found: dict[str, crawling.Row], columns: tuple[str, ...]) -> dict[str, list[object]]:
    return {kind: [row[column] for column in columns] for kind, row in found.items()}


def _check_items(items: list[dict[str, object]], found: dict[str, crawling.Row]) -> None:
    keys = {"service", "document", "url", "fetched_at", "outcome", "detail", "status"}
    assert {frozenset(item) for item in items} == {frozenset(keys)}
    assert {item["document"]: item["outcome"] for item in items} == {
        kind: row["outcome"] for kind, row in found.items()
    }


def test_scrapy_crawl_with_a_faulty_declaration_says_so_in_one_line(tmp_path: Path) -> None:
    with serving() as server:
        config = configured(tmp_path / "scrapy", server)
    (tmp_path / "scrapy" / "declarations" / "Gantry.json").write_text("{")
    ran = scrapy(config, "crawl", "documents")
    assert ran.code == 1
    assert "Gantry.json: not JSON" in ran.errors[-1]
    assert not any("Traceback" in line for line in ran.errors)


def test_scrapy_crawl_with_an_archive_in_use_says_so_in_one_line(tmp_path: Path) -> None:
    with serving() as server:
        config = configured(tmp_path / "scrapy", server)
        with store.writing(config.parent / "a.db"):
            ran = scrapy(config, "crawl", "documents")
        assert server.asked == []
    assert ran.code == 1
    assert "another Smallprint" in ran.errors[-1]
    assert not any("Traceback" in line for line in ran.errors)
