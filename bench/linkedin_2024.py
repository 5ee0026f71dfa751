#!/usr/bin/env python3
"""The autumn of 2024, replayed: LinkedIn's documents of 1 August and 19 September, and what Smallprint tells of them.

usage: bench/linkedin_2024.py [CORPUS]        CORPUS holds contrib-versions.bundle; default ../shared/corpus

The texts are Open Terms Archive's (ODC-By). They are turned into HTML, served on loopback, and read by two runs of the
ordinary command. Exit code 1 if the notification misses what it has to tell.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from markdown_it import MarkdownIt

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
DOCUMENTS = ("Privacy Policy", "Trackers Policy", "Terms of Service")
DAYS = ("2024-08-01", "2024-09-19")
PAGE = """<!doctype html><html lang="en"><head><title>{title}</title></head><body>
<header><nav><ul><li><a href="/">Home</a></li><li><a href="/jobs">Jobs</a></li></ul></nav></header>
<main>{text}</main><footer><p>© 2024 · <a href="/help">Help</a> · build {day}</p></footer></body></html>"""
MUST = {
    "AI training, quoted": "develop and train artificial intelligence (AI) models",
    "affiliates outside the Designated Countries": "outside the Designated Countries",
}


class Quiet(SimpleHTTPRequestHandler):
    """Serves the newest pages and keeps its log to itself."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, text=True).stdout


def text_on(history: Path, document: str, day: str) -> str:
    """The text of a document as it stood at the end of a day, by the author's date."""
    log = git(history, "log", "--format=%H %ad", "--date=short", "--", f"LinkedIn/{document}.md").splitlines()
    commit = max((line for line in log if line.split()[1] <= day), key=lambda line: line.split()[1]).split()[0]
    return git(history, "show", f"{commit}:LinkedIn/{document}.md")


def publish(history: Path, site: Path, day: str) -> None:
    """Writes the pages of one day, as HTML with the usual surroundings."""
    for document in DOCUMENTS:
        html = MarkdownIt("commonmark").enable("table").render(text_on(history, document, day))
        (site / f"{document}.html").write_text(PAGE.format(title=document, text=html, day=day), "utf-8")


def settings(folder: Path, port: int) -> Path:
    """What a user would write: one declaration file and smallprint.toml."""
    terms = {name: {"fetch": f"http://127.0.0.1:{port}/{name.replace(' ', '%20')}.html"} for name in DOCUMENTS}
    (folder / "own").mkdir()
    (folder / "own" / "LinkedIn.json").write_text(json.dumps({"name": "LinkedIn", "terms": terms}), "utf-8")
    path = folder / "smallprint.toml"
    path.write_text(
        'contact = "bench@smallprint.example"\narchive = "archive.db"\n'
        'services = ["LinkedIn"]\ndeclarations = ["own"]\n'
        '[crawl]\ndelay = 0\nallow_addresses = ["127.0.0.0/8"]\n',
        "utf-8",
    )
    return path


def run(config: Path) -> str:
    """One cycle of the ordinary command; its output."""
    command = [sys.executable, "-m", "smallprint", "run", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        sys.exit(f"smallprint run ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def report(config: Path, told: str) -> bool:
    """Prints what was told and what was only recorded; whether everything that must be told was."""
    for word in ("history", "show"):
        argument = "LinkedIn" if word == "history" else "4"
        command = [sys.executable, "-m", "smallprint", word, argument, "--json", "--config", str(config)]
        data = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        if word == "history":
            changes = [row for row in data if row["decision"] != "baseline"]
    print(told)
    for row in changes:
        print(f"{row['document']}: {row['edits']} edits recorded. {row['decision']}: {row['reason']}")
    flags = [(edit, flag) for edit, reading in ((e[0], e[1]) for e in data["edits"]) for flag in reading["flags"]]
    permits = [f for _, f in flags if MUST["AI training, quoted"] in f["quote"] and f["effect"] == "permits"]
    print(f"flagged ai-training/permits with the sentence: {len(permits)}")
    for name, words in MUST.items():
        print(f"{name}: {'told' if words in told else 'MISSING'}")
    return bool(permits) and all(words in told for words in MUST.values())


def main(corpus: Path) -> None:
    bundle = corpus / "contrib-versions.bundle"
    if not bundle.is_file():
        sys.exit(f"{bundle} is not there: name the folder that holds contrib-versions.bundle")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history, site = folder / "history", folder / "site"
        site.mkdir()
        subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(history)], check=True)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = settings(folder, server.server_port)
        publish(history, site, DAYS[0])
        print(run(config))
        publish(history, site, DAYS[1])
        fine = report(config, run(config))
        server.shutdown()
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS)
