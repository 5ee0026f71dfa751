"""Measures the site on a large archive: python bench/site.py [ARCHIVE or CORPUS]

Without an archive contrib-versions.bundle is imported first, which takes a minute. The archive is copied, and the copy
is shown by `smallprint serve --public` in a process of its own. Told are, for each kind of page, how long the server
takes to answer (one request at a time on a connection that is kept; pages drawn by chance, and the heaviest), how much
a first view loads, and what axe-core finds; then how fifty readers at once fare while a crawl writes to the archive.
Beside each figure stands its limit; the exit code is 1 where one is not kept. Needs Chromium. The corpus is Open Terms
Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from site_addresses import drawn, filters
from site_crawl import crawling
from site_readers import Reading, read
from site_timing import KB, Client, Figures

from archive import backup, store
from archive.rows import value
from tests.commands import environment
from tests.site_browser import PHONE, WIDE, Reader, Served, browsing, served
from tests.site_kinds import kinds, tables

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLE = "contrib-versions.bundle"
OPTIONS = ("--public",)
WANTED, SEED = 60, 7  # pages drawn of each kind
MEDIAN_MS, WORST_MS, VIEW_KB = 100, 500, 150
READERS, SECONDS, PAUSE, P95_MS = 50, 60, (1.0, 2.0), 1000
POOL = 220  # pages of a kind among which the readers choose
PEER, FLOOR = "changes", "/-/smallprint/icon.svg"
AGAIN = 20
LOOKED_AT = 500_000  # letters of HTML
HEAD = " pages  median     p95   worst of peer     CPU view KB as text  slowest"


def main() -> int:
    """Print the figures; 1 where a limit is not kept."""
    given = arguments()
    if not (given.source.is_file() or (given.source / BUNDLE).is_file()):
        print(f"{given.source}: give an archive, or the folder that holds {BUNDLE}.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        archive = copied(given.source, Path(name))
        with store.reading(archive) as db:
            known, peers = kinds(db), tables(db, archive.stem)
        with served(archive, *OPTIONS) as site:
            kept = [told_times(site, known, peers[PEER]), told_memory(site), told_axe(site, known)]
            kept += [told_readers(site, known, archive, Path(name), given.seconds), told_memory(site)]
            kept += [told_complaints(site)]
    return 0 if all(kept) else 1


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the readers read")
    return parser.parse_args()


def copied(source: Path, folder: Path) -> Path:
    """An archive of our own in the folder, as a crawl leaves it: in write-ahead mode."""
    archive = folder / "archive.db"
    if source.is_file():
        backup.backup(source, archive)
    else:
        words = ["import", "ota-versions", str(source / BUNDLE), "--archive", str(archive)]
        subprocess.run([sys.executable, "-m", "smallprint", *words], check=True, env=environment())
    with store.writing(archive) as db:  # which puts a copy into that mode
        counted = {table: value(db, f"SELECT count(*) FROM {table}") for table in ("services", "documents", "versions")}
    print(", ".join(f"{number:,} {table}" for table, number in counted.items()), flush=True)
    return archive


def told_times(site: Served, known: Mapping[str, Sequence[str]], peer: str) -> bool:
    """A line for each kind of page, beside Datasette's own page of a table, and the smallest answer."""
    print(f"\nServer time in ms (median at most {MEDIAN_MS}, worst at most {WORST_MS}), first view in KB ({VIEW_KB})")
    print(f"{'':16}{HEAD}")
    broken = list[str]()
    with closing(Client(site.base)) as client:
        datasette = asked_of(site, client, [peer] * AGAIN)
        tell("icon", asked_of(site, client, [FLOOR] * AGAIN), datasette.median)
        tell("Datasette", datasette, datasette.median)
        asked = drawn(known, WANTED, SEED) | {"filters": filters(client.ask("/").text, "/")}
        for kind, addresses in asked.items():
            figures = asked_of(site, client, addresses)
            further = asked_of(site, client, figures.further()[:WANTED])
            for name, found in ((kind, figures), (f"{kind}, below", further)):
                if found.answers:
                    tell(name, found, datasette.median)
                    broken += faults(name, found)
    print("\n".join(f"NOT KEPT: {fault}" for fault in broken) or "all kept", flush=True)
    return not broken


def asked_of(site: Served, client: Client, addresses: Sequence[str]) -> Figures:
    """The answers, and what they cost the server's processor."""
    before = worked(site)
    found = client.figures(addresses)
    found.cpu = (worked(site) - before) / max(1, len(found.answers)) * 1000
    return found


def worked(site: Served) -> float:
    """Seconds of a processor that the server has taken so far."""
    times = Path(f"/proc/{site.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def tell(kind: str, figures: Figures, peer: float) -> None:
    """One line."""
    worst, (sent, plain) = figures.worst, figures.view
    times = f"{figures.median:7.1f} {figures.p95:7.1f} {worst.ms:7.1f} {figures.median / peer:7.2f} {figures.cpu:7.1f}"
    print(
        f"{kind:16} {len(figures.answers):5} {times} {sent / KB:7.1f} {plain / KB:7.1f}  {worst.address[:60]}",
        flush=True,
    )


def faults(kind: str, figures: Figures) -> list[str]:
    """The limits that a kind of page does not keep, and what is no page."""
    measured = {
        f"median ms (at most {MEDIAN_MS})": (figures.median, MEDIAN_MS),
        f"worst ms (at most {WORST_MS})": (figures.worst.ms, WORST_MS),
        f"first view KB (at most {VIEW_KB})": (figures.view[0] / KB, VIEW_KB),
    }
    broken = [f"{kind}, {name}: {found:.0f}" for name, (found, limit) in measured.items() if found > limit]
    wrong = Counter(fault.rpartition(" ")[2] for fault in figures.wrong)
    return broken + [f"{kind}, {number} answers of {status}" for status, number in wrong.items()] + figures.wrong[:2]


def told_axe(site: Served, known: Mapping[str, Sequence[str]]) -> bool:
    """What hinders people on the heaviest page of each kind, wide and in the light, on a phone and in the dark."""
    print("\naxe-core, serious and critical (none)")
    found = list[str]()
    with browsing() as browser:
        for size, scheme in ((WIDE, "light"), (PHONE, "dark")):
            with Reader(browser, site.base, viewport=size, color_scheme=scheme, bypass_csp=True) as reader:
                for kind, (address, *_) in known.items():
                    found += [f"{kind}, {scheme}, {address}: {fault}" for fault in hindering(reader, address)]
    print("\n".join(found) or "none", flush=True)
    return not found


def hindering(reader: Reader, address: str) -> list[str]:
    """What hinders people on a page; a very large one would keep axe-core busy for minutes."""
    status = reader.open(address)
    if status != 200:
        return [f"answered {status}"]
    return reader.faults() if len(reader.page.content()) < LOOKED_AT else ["too large to be looked at"]


def told_readers(site: Served, known: Mapping[str, Sequence[str]], archive: Path, folder: Path, seconds: float) -> bool:
    """Readers who read, then readers who do not pause, while a crawl writes."""
    pool = {kind: addresses[:POOL] for kind, addresses in drawn(known, POOL, SEED).items()}
    before = versions(archive)
    with crawling(archive, folder) as crawl:
        calm = read(site.base, pool, READERS, seconds, PAUSE)
        during = versions(archive) - before
        hurried = read(site.base, pool, READERS, seconds / 3, (0, 0))
    print(f"\n{READERS} readers at once while a crawl writes ({during:,} versions in {seconds:.0f} s)")
    print(f"Each pauses {PAUSE[0]:.0f} to {PAUSE[1]:.0f} s after a page; most pages are the front page and changes,")
    print("then services and documents. A page's time is from its request to its last byte; files are loaded once.")
    tell_reading("reading", calm)
    tell_reading("no pauses", hurried)
    for failure in crawl.failed:
        print(f"NOT KEPT: a cycle of the crawl failed: {failure}")
    p95 = calm.percentile(95)
    print(f"errors {calm.errors.total()} (at most 0), p95 {p95:.0f} ms (at most {P95_MS})", flush=True)
    return not (calm.errors or hurried.errors or crawl.failed or p95 > P95_MS or not during)


def tell_reading(name: str, found: Reading) -> None:
    """Two lines."""
    ms = f"p50 {found.percentile(50):.0f} ms, p95 {found.percentile(95):.0f} ms, worst {found.slowest[0]:.0f} ms"
    pages = f"{len(found.pages):,} pages ({len(found.pages) / found.seconds:.0f} a second)"
    print(f"{name:12} {pages}, {found.files} files, {ms}: {found.slowest[1]}")
    for error, number in found.errors.most_common(5):
        print(f"    NOT KEPT: {number} times {error}")


def versions(archive: Path) -> int:
    """How many the archive has."""
    with store.reading(archive) as db:
        return int(value(db, "SELECT count(*) FROM versions"))


def told_memory(site: Served) -> bool:
    """The most that the server has held so far."""
    lines = Path(f"/proc/{site.process.pid}/status").read_text().splitlines()
    most = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    print(f"memory of the server so far: {most / 1024:.0f} MB", flush=True)
    return True


def told_complaints(site: Served) -> bool:
    """What the server has said of faults of its own."""
    found = Counter(site.complaints())
    for line, number in found.most_common(5):
        print(f"NOT KEPT: the server said {number} times: {line}")
    return not found


if __name__ == "__main__":
    sys.exit(main())
