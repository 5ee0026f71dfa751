"""Measures the gate on real histories: python bench/gate.py [GOLD CORPUS] [--keep FOLDER]

Each collection of Open Terms Archive in CORPUS is taken in, compared, flagged and decided in the order of time, as if
its pages had been fetched when they were recorded; no clock is asked. Then the pushes are held against the labelled
events, flips and whole changes in GOLD. The texts are Open Terms Archive's, under the Open Data Commons Attribution
License; none is part of this project.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from gate_gold import told_events, told_flips, told_natural
from gate_pace import told_pace

from archive import store
from archive.places import RULES
from crawler import ota_versions
from crawler.git_records import opened
from diffing.ahead import Ahead

SHARED = Path(__file__).parent / "../../shared"
LONGEST = 300  # seconds for all


def main(arguments: list[str]) -> int:
    """Print the figures."""
    keep = Path(arguments[arguments.index("--keep") + 1]) if "--keep" in arguments else None
    folders = [Path(a) for a in arguments if not a.startswith("--") and Path(a) != keep]
    gold, corpus = folders if len(folders) == 2 else (SHARED / "gold", SHARED / "corpus")
    bundles = sorted(corpus.glob("*-versions.bundle"))
    if not bundles or not gold.is_dir():
        print("Give the folder of the labels and the one of the corpus (*-versions.bundle).", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        archives = replayed(bundles, keep or Path(folder))
        told_pace(archives)
        told_events(archives, gold)
        told_flips(archives, gold)
        told_natural(archives, gold)
    return 0


def replayed(bundles: list[Path], folder: Path) -> dict[str, Path]:
    """The archive of each collection, by its name; one that is there already is taken as it is."""
    began, archives = time.perf_counter(), dict[str, Path]()
    for bundle in bundles:
        name = bundle.name.removesuffix("-versions.bundle")
        archives[name] = folder / f"{name}.db"
        if not archives[name].exists():
            replay(bundle, archives[name])
    print(f"replayed in {time.perf_counter() - began:.0f} s (at most {LONGEST})\n", flush=True)
    return archives


def replay(bundle: Path, archive: Path) -> None:
    """Takes one collection in, and decides about all of its changes."""
    with store.writing(archive) as db, opened(bundle) as repository, Ahead(db, archive, RULES) as ahead:
        ota_versions.import_versions(db, repository.folder, told=lambda done, of: deque(ahead.go_on(), 0).clear())
        deque(ahead.finish(), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
