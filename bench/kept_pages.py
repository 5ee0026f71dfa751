"""Measures what pages take that are kept as they were received: python bench/kept_pages.py [CORPUS]

Keeps every page of genai-eu-snapshots.bundle as the import of pages does, without reading it, and prints the packed
bytes and the archive's file beside git's own bundle. The corpus is Open Terms Archive's, under the Open Data Commons
Attribution License.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sqlite_utils import Database

from archive import recording, store
from archive.rows import value
from archive.words import Document, Fetch, Outcome, Snapshot
from crawler.git_records import Change, opened
from crawler.ota_commits import PAGE, place_of, time_of

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLE = "genai-eu-snapshots.bundle"
MB = 1e6
TOGETHER = 25  # pages stored in one transaction
Key = tuple[str, str]  # service and type


def main(arguments: list[str]) -> int:
    """Print the figures."""
    bundle = (Path(arguments[0]) if arguments else CORPUS) / BUNDLE
    if not bundle.is_file():
        print(f"No corpus in {bundle.parent}: give the folder that holds {BUNDLE}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        told_pages(bundle, Path(folder))
    return 0


def told_pages(bundle: Path, folder: Path) -> None:
    """What the pages of a bundle take here and there."""
    archive, started = folder / "pages.db", time.perf_counter()
    with store.writing(archive) as db:
        pages = keep(db, bundle)
        held, packed = (int(value(db, f"SELECT sum({what}) FROM {table}")) for what, table in SIZES)
    there, here = bundle.stat().st_size, archive.stat().st_size
    print(f"{'pages kept':26} {pages:10,} in {time.perf_counter() - started:.1f} s, {held / MB:,.0f} MB as received")
    for name, size in (("packed pages", packed), ("archive of pages", here)):
        print(f"{name:26} {size / MB:10.1f} MB, {size / there:.2f} of git's bundle of {there / MB:.1f} MB (at most 2)")


def keep(db: Database, bundle: Path) -> int:
    """How many pages were stored, document by document."""
    recording.expect_much(db)
    with opened(bundle) as repository:
        changes = sorted((key, change.at, n, change) for n, (key, change) in enumerate(pages_of(repository.changes())))
        with repository.blobs(change.blob for *_, change in changes) as contents:
            for key, group in groupby(changes, lambda one: one[0]):
                keep_document(db, key, [change for *_, change in group], contents)
    return len(changes)


def pages_of(changes: Iterator[Change]) -> Iterator[tuple[Key, Change]]:
    """What recorded a page, with its document."""
    for change in changes:
        place = place_of(change, PAGE, Counter())
        if place:
            yield (place["service"], place["type"]), change


def keep_document(db: Database, key: Key, changes: Sequence[Change], contents: Iterator[bytes]) -> None:
    """Every page of one document, some in each transaction."""
    line = recording.Line(db, recording.record_document(db, Document(*key, "")), "")
    for start in range(0, len(changes), TOGETHER):
        with line.storing():
            for change in changes[start : start + TOGETHER]:
                fetch = Fetch("", time_of(change.at), Outcome.FETCHED, origin_id=change.commit)
                line.add_fetch(fetch, Snapshot(next(contents), "text/html", ""))


SIZES = (("size", "snapshots"), ("length(zstd)", "bodies"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
