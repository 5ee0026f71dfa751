"""Measures an import of fourteen years of Open Terms Archive: python bench/replay.py [CORPUS]

Takes contrib-versions.bundle in, compares and flags all of it, and prints what that cost: each figure beside its peer
or its floor from the same run, and beside its limit. Then what people ask of such an archive is timed, and
bench/kept_pages.py keeps the pages of genai-eu-snapshots.bundle. It takes some minutes. The corpus is Open Terms
Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from pathlib import Path

from kept_pages import told_pages
from sqlite_utils import Database

from archive import cards, past, search, standing, store
from archive.flagged import Wanted, dated
from archive.places import RULES
from archive.rows import one, value
from crawler import ota_versions
from crawler.git_records import Repository, opened
from crawler.ota_commits import TEXT
from diffing import flags, rules, run
from diffing.ahead import Ahead

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLE = "contrib-versions.bundle"
SMALL = "pga-versions.bundle"
PAGES = "genai-eu-snapshots.bundle"
MB = 1e6
BEST_OF = 5
MOST_MS = 50
COUNTS = (
    ("records", "SELECT count(*) FROM fetches"),
    ("versions", "SELECT count(*) FROM versions"),
    ("distinct passages", "SELECT count(*) FROM passages"),
    ("distinct edits", "SELECT count(*) FROM edits"),
    ("flags", "SELECT count(*) FROM flags"),
)
# What a document said that it had not said so before: the passages of its first version, and its edits of words. Mere
# headings are left out. An edit that stands under several headings is one.
NEW = """
WITH headings AS (SELECT DISTINCT document_id, passage_id FROM placements WHERE kind = 'heading'), new AS (
    SELECT document_id, before_passage_id, after_passage_id FROM edits WHERE NOT same_words AND kind != 'moved'
    UNION
    SELECT changes.document_id, NULL, passage_id FROM changes
    JOIN version_passages ON version_id = after_version_id WHERE before_version_id IS NULL)
SELECT count(*) FROM new WHERE NOT EXISTS (SELECT 1 FROM headings WHERE headings.document_id = new.document_id
    AND headings.passage_id = coalesce(after_passage_id, before_passage_id))"""
# The passage that most documents have held, and the document with most versions, in the middle of its time.
COMMON = "SELECT passage_id FROM placements GROUP BY passage_id ORDER BY count(DISTINCT document_id) DESC LIMIT 1"
LONG = """SELECT key, type, group_concat(seen_at) AS seen FROM versions JOIN documents ON documents.id = document_id
          JOIN services ON services.id = service_id GROUP BY document_id ORDER BY count(*) DESC LIMIT 1"""


def main(arguments: list[str]) -> int:
    """Print the figures."""
    corpus = Path(arguments[0]) if arguments else CORPUS
    if not all((corpus / name).is_file() for name in (BUNDLE, SMALL, PAGES)):
        print(f"No corpus in {corpus}: give the folder that holds {BUNDLE}, {SMALL} and {PAGES}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "archive.db"
        with store.writing(archive) as db, opened(corpus / BUNDLE) as repository:
            told_import(db, archive, repository)
        told_size(archive, corpus / BUNDLE)
        with store.reading(archive) as db:
            told_queries(db)
        told_novelty(corpus / SMALL, Path(folder))
        told_pages(corpus / PAGES, Path(folder))
    return 0


def told_import(db: Database, archive: Path, repository: Repository) -> None:
    """Import, compare and flag, beside what git and a plain loop take for the same history."""
    source = repository.folder
    with Ahead(db, archive, RULES) as ahead:
        took = timed("import", lambda: imported(db, source, ahead))
        took += timed("the rest of comparing", lambda: len(list(ahead.finish())))
    told_memory()  # before the peers have taken theirs
    told_counts(db)
    timed("import again", lambda: ota_versions.import_versions(db, source))
    db.execute("UPDATE documents SET declaration = ''")
    timed("again, commit by commit", lambda: ota_versions.import_versions(db, source))
    told_peers(repository, took)


def imported(db: Database, source: Path, ahead: Ahead) -> None:
    """Recorded, while another process compares and flags what is recorded already."""
    ota_versions.import_versions(db, source, told=lambda done, of: deque(ahead.go_on(), 0).clear())


def told_peers(repository: Repository, took: float) -> None:
    """The same history in git's own words, and by the least that anybody can do who reads every text."""
    peer = min(timed("git log -p", lambda: log(repository.folder)) for _ in range(2))
    print(f"{'both, of git log -p':26} {took / peer:10.1f} times (at most 10, aim 5)")
    names = texts_of(repository)
    floor = timed("floor: lines hashed", lambda: hashed(repository, names))
    print(f"{'both, of the floor':26} {took / floor:10.1f} times, {len(names):,} distinct texts")


def counted_reads() -> Counter[str]:
    """How often the rules read something, from now on."""
    calls, read = Counter[str](), flags.read

    def counting(*words: object) -> object:
        calls["read"] += 1
        return read(*words)  # type: ignore[arg-type]

    flags.read = counting  # type: ignore[assignment]
    return calls


def timed(name: str, work: Callable[[], object]) -> float:
    """How many seconds it took, told beside those that a processor worked for it, here and in git."""
    started, worked = time.perf_counter(), sum(os.times()[:4])
    work()
    seconds, worked = time.perf_counter() - started, sum(os.times()[:4]) - worked
    print(f"{name:26} {seconds:10.2f} s, {worked:.2f} of a processor", flush=True)
    return seconds


def log(folder: Path) -> None:
    """What git does to show every change once."""
    subprocess.run(["git", "-C", str(folder), "log", "-p"], stdout=subprocess.DEVNULL, check=True)


def texts_of(repository: Repository) -> list[str]:
    """The blobs that records name, each once, as they lie in the history."""
    return list(dict.fromkeys(change.blob for change in repository.changes() if TEXT.match(change.path)))


def hashed(repository: Repository, names: Sequence[str]) -> int:
    """How many distinct lines all texts have."""
    lines = set[bytes]()
    with repository.blobs(names) as contents:
        for _, content in zip(names, contents, strict=False):
            for line in content.split(b"\n"):
                lines.add(hashlib.sha256(line).digest())
    return len(lines)


def told_memory() -> None:
    """The most that was held so far: by this process, and by the largest of the others, git and the one that judges."""
    own, other = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{'peak memory':26} {own:10.0f} MB, and {other:.0f} MB in another (each at most 300)")


def told_counts(db: Database) -> None:
    """How much there is."""
    for name, sql in COUNTS:
        print(f"{name:26} {value(db, sql):10,}")


def told_novelty(bundle: Path, folder: Path) -> None:
    """Of a smaller history, in one process: how much of it is new, and how often the rules read."""
    calls = counted_reads()
    with store.writing(folder / "novelty.db") as db:
        ota_versions.import_versions(db, bundle)
        versions, new = len(list(run.diff(db, rules.load(RULES)))), int(value(db, NEW))
    print(f"{'of ' + bundle.stem:26} {versions:10,} versions; passages and edits, without headings:")
    print(f"{'new':26} {new:10,}, each once in its document")
    print(f"{'read by the rules':26} {calls['read']:10,}, {calls['read'] / new:.2f} of these", flush=True)


def told_size(archive: Path, bundle: Path) -> None:
    """The archive's file beside the text it holds."""
    with store.reading(archive) as db:
        text = int(value(db, "SELECT sum(size) FROM snapshots"))
        passages = int(value(db, "SELECT sum(length(CAST(text AS BLOB))) FROM passages"))
    size = archive.stat().st_size
    print(f"{'text held':26} {text / MB:10.1f} MB, its distinct passages {passages / MB:.1f} MB")
    print(
        f"{'archive, with its index':26} {size / MB:10.1f} MB, {size / text:.3f} of the text (at most 0.25, aim 0.15)"
    )
    print(f"{'git bundle':26} {bundle.stat().st_size / MB:10.1f} MB, packed and without index", flush=True)


def told_queries(db: Database) -> None:
    """How long people wait for an answer."""
    passage = int(value(db, COMMON))
    phrase = '"' + " ".join(str(value(db, "SELECT text FROM passages WHERE id = ?", passage)).split()[:8]) + '"'
    long = one(db, LONG)
    assert long
    seen = sorted(long["seen"].split(","))
    middle = seen[len(seen) // 2]
    asked(db, "front page", lambda: front(db))
    asked(db, "a passage's lives", lambda: rows(db, "SELECT * FROM passage_lives WHERE passage_id = ?", passage))
    asked(db, "the same, by its words", lambda: search.search(db, phrase, 20))
    asked(db, "the newest passages", lambda: rows(db, "SELECT * FROM passage_lives LIMIT 100"))
    asked(db, "search: train", lambda: search.search(db, "train", 20))
    asked(db, "ai_training_passages", lambda: rows(db, "SELECT * FROM ai_training_passages"))
    asked(db, "what stood on a date", lambda: past.stood(db, long["key"], long["type"], middle))


def front(db: Database) -> object:
    """What the front page reads."""
    return cards.cards(db, [one.id for one in dated(db, Wanted())[:20]]), standing.standing(db)


def asked(db: Database, name: str, ask: Callable[[], object]) -> None:
    """The best of some answers."""
    best = min(taken(ask) for _ in range(BEST_OF)) * 1000
    slow = "" if best <= MOST_MS else ": TOO SLOW"
    print(f"{name:26} {best:10.1f} ms (at most {MOST_MS}){slow}", flush=True)


def taken(work: Callable[[], object]) -> float:
    """How many seconds it took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def rows(db: Database, sql: str, *values: object) -> list[object]:
    """All rows of a query."""
    return db.conn.execute(sql, values).fetchall()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
