"""Kills an import again and again, at random instants: python bench/kills.py [CORPUS] [KILLS]

Each time the import of genai-eu-versions.bundle begins anew, is ended by SIGKILL at an instant nobody chose, and is run
again to its end. The archive must then say exactly what one says that nobody disturbed: the hashes are printed side by
side. The corpus is Open Terms Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from archive import store
from archive.rows import value
from tests.histories import content_hash

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLE = "genai-eu-versions.bundle"
KILLS = 50


def main(arguments: list[str]) -> int:
    """Print each kill that left a difference, and how many did not."""
    bundle = (Path(arguments[0]) if arguments else CORPUS) / BUNDLE
    kills = int(arguments[1]) if len(arguments) > 1 else KILLS
    if not bundle.is_file():
        print(f"No corpus in {bundle.parent}: give the folder that holds {BUNDLE}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder) / "versions.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(repository)], check=True)
        started = time.perf_counter()
        run(repository, Path(folder) / "whole.db")
        seconds = time.perf_counter() - started
        whole = logical(Path(folder) / "whole.db")
        print(f"undisturbed: {seconds:.1f} s, {whole}", flush=True)
        instants = [random.uniform(0.1, 1) * seconds for _ in range(kills)]
        same = sum(killed(repository, Path(folder) / f"{n}.db", after, whole) for n, after in enumerate(instants))
    print(f"{same} of {kills} killed and resumed imports are as the undisturbed one")
    return 0 if same == kills else 1


def killed(repository: Path, archive: Path, after: float, whole: str) -> bool:
    """Whether an import that is killed after so many seconds, and resumed, leaves the same archive."""
    process = subprocess.Popen(command(repository, archive), stdout=subprocess.DEVNULL, env=surroundings())
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    records = stored(archive)
    run(repository, archive)
    found = logical(archive)
    print(f"killed after {after:5.2f} s with {records:5} records stored: {found[:16]}", flush=True)
    archive.unlink()
    return found == whole


def command(repository: Path, archive: Path) -> list[str]:
    """The import, as people run it."""
    return [sys.executable, "-m", "smallprint", "import", "ota-versions", str(repository), "--archive", str(archive)]


def surroundings() -> dict[str, str]:
    """No settings of anybody's."""
    return {**os.environ, "SMALLPRINT_CONFIG": ""}


def run(repository: Path, archive: Path) -> None:
    """The import to its end."""
    subprocess.run(command(repository, archive), stdout=subprocess.DEVNULL, env=surroundings(), check=True)


def stored(archive: Path) -> int:
    """How many records the killed process left."""
    if not archive.exists():
        return 0
    with store.writing(archive) as db:
        return int(value(db, "SELECT count(*) FROM fetches"))


def logical(archive: Path) -> str:
    """What the archive says, after the file was found sound."""
    with store.reading(archive) as db:
        assert value(db, "PRAGMA integrity_check") == "ok"
        assert list(db.query("PRAGMA foreign_key_check")) == []
        return content_hash(db)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
