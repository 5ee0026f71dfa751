"""Measures an import of fourteen years of Open Terms Archive: python bench/replay.py [CORPUS]

Takes contrib-versions.bundle in, compares and flags all of it, and prints what that cost beside `git log -p` over the
same repository in the same run. The corpus is Open Terms Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlite_utils import Database

from archive import store
from archive.places import RULES
from archive.rows import value
from crawler import ota_versions
from diffing import rules, run

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLE = "contrib-versions.bundle"
MB = 1e6
COUNTS = (
    ("records", "SELECT count(*) FROM fetches"),
    ("versions", "SELECT count(*) FROM versions"),
    ("distinct passages", "SELECT count(*) FROM passages"),
    ("edits", "SELECT count(*) FROM edits"),
    ("edits of words", "SELECT count(*) FROM edits WHERE NOT same_words AND kind != 'moved'"),
    ("distinct edits of words", """SELECT count(*) FROM (SELECT DISTINCT before_passage_id, after_passage_id
     FROM edits WHERE NOT same_words AND kind != 'moved')"""),
    ("flags", "SELECT count(*) FROM flags"),
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Print the figures, each with its peer from the same run."""
    bundle = (Path(arguments[0]) if arguments else CORPUS) / BUNDLE
    if not bundle.is_file():
        print(f"No corpus in {bundle.parent}: give the folder that holds {BUNDLE}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "versions.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(repository)], check=True)
        peer = timed("git log -p", lambda: log(repository))
        archive = Path(folder) / "archive.db"
        with store.writing(archive) as db:
            took = timed("import", lambda: ota_versions.import_versions(db, repository))
            took += timed("compare and flag", lambda: list(map(len, run.diff(db, rules.load(RULES)))))
            print(f"{'both, of git log -p':24} {took / peer:10.1f} times (at most 10)")
            again(db, repository)
            tell(db)
        told_size(archive, bundle)
    print(f"{'peak memory':24} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:10.0f} MB (at most 300)")
    return 0


def timed(name: str, work: Callable[[], object]) -> float:
    """How many seconds it took, told."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    print(f"{name:24} {seconds:10.2f} s", flush=True)
    return seconds


def log(repository: Path) -> None:
    """What git does to show every change once."""
    subprocess.run(["git", "-C", str(repository), "log", "-p"], stdout=subprocess.DEVNULL, check=True)


def again(db: Database, repository: Path) -> None:
    """Import what is here already, with the listing of all commits and by the head alone."""
    timed("import again", lambda: ota_versions.import_versions(db, repository))
    db.execute("UPDATE documents SET declaration = ''")
    timed("again, commit by commit", lambda: ota_versions.import_versions(db, repository))


def tell(db: Database) -> None:
    """How much there is."""
    for name, sql in COUNTS:
        print(f"{name:24} {value(db, sql):10,}")


def told_size(archive: Path, bundle: Path) -> None:
    """The archive's file beside the text it holds."""
    with store.reading(archive) as db:
        text = int(value(db, "SELECT sum(size) FROM snapshots"))
    size = archive.stat().st_size
    print(f"{'text held':24} {text / MB:10.1f} MB, in git's bundle {bundle.stat().st_size / MB:.1f} MB")
    print(f"{'archive':24} {size / MB:10.1f} MB, {size / text:.2f} of the text (at most 0.25)")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
