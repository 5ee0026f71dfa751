"""Measures two rounds of a crawl of 1,000 real pages beside urlwatch and webchanges: python bench/crawl.py [CORPUS]

The pages come from genai-eu-snapshots.bundle and are served on 49 loopback hosts; crawl_corpus.py tells how they are
drawn. Needs aiohttp, and pip for the peers. --pages 100 takes fewer, --keep FOLDER keeps pages and environments for
another time, --alone leaves the peers out. It takes some minutes. The corpus is Open Terms Archive's, under the Open
Data Commons Attribution License.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import crawl_ours
import crawl_peers
from crawl_rounds import Ground, Net, Took, ground

CORPUS = Path(__file__).parent / "../../shared/corpus"
BUNDLES = ("genai-eu-snapshots.bundle", "genai-eu-versions.bundle")
NETS = [Net(latency, etag) for latency in (0, 0.1) for etag in (False, True)]
PEERS_NETS = [Net(0, etag=False), Net(0.1, etag=True)]
REAL, MARKUP, VISIBLE = "real", "markup", "visible"  # as crawl_corpus.py calls the kinds of pages
HEAD = f"{'':36} {'pages/s':>8} {'CPU s/1000':>10} {'MB':>5} {'asked':>5} {'304':>4} {'at once':>7}  told as changed"
FEW = 30  # pages of a first try
OURS, URLWATCH, PUSH = "smallprint", "urlwatch", "push"


def main() -> int:
    """Print the figures; 1 where a limit is missed."""
    given = arguments()
    missing = [name for name in BUNDLES if not (given.corpus / name).is_file()]
    if missing:
        print(f"No corpus in {given.corpus}: give the folder that holds {' and '.join(missing)}.", file=sys.stderr)
        return 2
    with ExitStack() as closing:
        temporary = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        folder = (given.keep or temporary).resolve()
        where = pages(given.corpus, folder, given.pages)
        bench = Bench(where, temporary)
        bench.warm()
        print(HEAD)
        for net in NETS:
            bench.ours(net)
        for name in () if given.alone else crawl_peers.JOBS:
            bench.peer(name, folder)
    return 0 if bench.verdict() else 1


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--alone", action="store_true")
    return parser.parse_args()


def pages(corpus: Path, folder: Path, wanted: int) -> Ground:
    """The pages, drawn by a process of its own: what this one holds would count as the others' memory."""
    place = folder / f"pages-{wanted}"
    if not (place / "told.txt").exists():
        place.mkdir(parents=True)
        drawing = Path(__file__).with_name("crawl_corpus.py")
        subprocess.run([sys.executable, str(drawing), str(corpus), str(place), str(wanted)], check=True)
    print((place / "told.txt").read_text(), flush=True)
    return ground(place)


class Bench:
    """Runs who is to be measured, prints a line for each round, and keeps what the limits are about."""

    def __init__(self, where: Ground, folder: Path) -> None:
        self.where, self.folder = where, folder
        self.kinds = {page["name"]: page["kind"] for page in where.pages}
        self.took: dict[tuple[str, Net, int], Took] = {}
        self.recorded: list[Counter[str]] = []  # pages of each kind with a new version in the second round, by net
        self.pushed: list[Counter[str]] = []  # those whose change is pushed

    def warm(self) -> None:
        """Two rounds with a few pages, so that the modules are compiled, as in an installed program."""
        few = replace(self.where, pages=self.where.pages[:FEW])
        for _ in crawl_ours.rounds(few, NETS[0], self.folder / "warm"):
            pass

    def ours(self, net: Net) -> None:
        """Two rounds of our own."""
        for number, (took, recorded) in enumerate(crawl_ours.rounds(self.where, net, self.folder / f"ours {net}"), 1):
            self.told(OURS, net, number, took, recorded.decisions)
            print(f"    {took.said.splitlines()[-1] if took.said else 'said nothing'}; {told(recorded.outcomes)}")
        pushed = [name for name, decision in recorded.decisions.items() if decision == PUSH]
        self.recorded.append(self.by_kind(recorded.decisions))
        self.pushed.append(self.by_kind(pushed))
        print(f"    pushed: {told(self.pushed[-1]) or 'none'}; decisions: {told(Counter(recorded.decisions.values()))}")

    def peer(self, name: str, folder: Path) -> None:
        """Two rounds of a peer, or the word that it cannot be had."""
        program = crawl_peers.installed(name, folder)
        if program is None:
            print(f"{name}: could not be installed, and is left out")
            return
        print(f"{crawl_peers.version_of(program)}, each job as {crawl_peers.settled(program)}")
        for net in PEERS_NETS:
            rounds = crawl_peers.rounds(program, self.where, net, self.folder / f"{name} {net}")
            for number, (took, changed) in enumerate(rounds, 1):
                self.told(name, net, number, took, changed)

    def told(self, name: str, net: Net, number: int, took: Took, changed: Iterable[str]) -> None:
        """One line of the table. What is new in the first round is no change."""
        self.took[name, net, number] = took
        pages, asked = len(self.where.pages), took.asked
        found = told(self.by_kind(changed)) if number > 1 else ""
        print(
            f"{f'{name}, {net}, round {number}':36} {pages / took.seconds:8.1f} {took.cpu / pages * 1000:10.1f}"
            f" {took.memory:5.0f} {asked.get('requests', 0):5} {asked.get('not modified', 0):4}"
            f" {asked['parallel']:7}  {found}",
            flush=True,
        )

    def by_kind(self, names: Iterable[str]) -> Counter[str]:
        """How many pages of each kind."""
        return Counter(self.kinds[name] for name in names)

    def verdict(self) -> bool:
        """Whether every limit is met; each is told with the worst of all runs."""
        rows = [(key, took) for key, took in self.took.items() if key[0] == OURS]
        pages, hosts = len(self.where.pages), len({page["host"] for page in self.where.pages})
        of = Counter(self.kinds.values())
        noisy = of[MARKUP] + of[VISIBLE]
        cpu = [max(took.cpu for (_, _, number), took in rows if number == n) / pages * 1000 for n in (1, 2)]
        found = [*self.faster()]
        found += [most(f"CPU seconds per 1000 pages, round {n}", cpu[n - 1], limit) for n, limit in ((1, 15), (2, 5))]
        found += [
            most("peak memory, MB", max(took.memory for _, took in rows), 180),
            least("real changes recorded, %", 100 * min(one[REAL] for one in self.recorded) / of[REAL], 100),
            most("noise pushed, %", 100 * max(one[MARKUP] + one[VISIBLE] for one in self.pushed) / noisy, 2),
            most("noise recorded, %", 100 * max(one[MARKUP] + one[VISIBLE] for one in self.recorded) / noisy, 10),
            most("requests to a host at once", max(took.asked["parallel"] for _, took in rows), 1),
            most("requests for robots.txt by a host", max(t.asked.get("robots", 0) for _, t in rows) / hosts, 1),
        ]
        return all(found)

    def faster(self) -> list[bool]:
        """Our pages a second beside those of urlwatch in the same net and round."""
        return [
            least(f"pages/s, of urlwatch's, {net}, round {number}", took.seconds / ours.seconds, 3)
            for (name, net, number), took in self.took.items()
            if name == URLWATCH and (ours := self.took[OURS, net, number])
        ]


def most(name: str, value: float, limit: float) -> bool:
    """Whether a value is at most its limit; told."""
    print(f"{name:52} {value:8.1f} (at most {limit}): {'met' if value <= limit else 'MISSED'}")
    return value <= limit


def least(name: str, value: float, limit: float) -> bool:
    """Whether a value is at least its limit; told."""
    print(f"{name:52} {value:8.1f} (at least {limit}): {'met' if value >= limit else 'MISSED'}")
    return value >= limit


def told(counts: Mapping[str, int]) -> str:
    """Names with how many there are."""
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
