"""Measures how much noise reaches the text: python bench/noise.py [CORPUS] [--show "SERVICE, TYPE"]

Reads every fetch in genai-eu-snapshots.bundle in the order of time, by the declared selectors and by finding the main
content, and counts the versions beside those of genai-eu-versions.bundle from the same weeks. Every change of words
recorded there should be found here. With --show, it prints what differs between the versions of one document. The
corpus is Open Terms Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import unified_diff
from itertools import pairwise
from multiprocessing import Pool
from pathlib import Path

from extract import CORPUS, ONE_RUN, WORD, is_error, plain, read_sources, text_of, words

from archive.words import Passage
from crawler.declaration import Source
from crawler.git_records import Repository, opened
from crawler.judging import read_page
from crawler.ota_commits import PAGE, address_of, place_of, time_of
from crawler.ota_parts import Layout, Record, looks
from crawler.ota_versions import records_of
from crawler.walls import Answer, Wall

CHARSET = "utf-8"
PROCESSES = 2
GLUED = 0.1  # of the words of a change: Open Terms Archive has some as one where a block ends ("useswe")
MOST = {"declared": 1.0, "automatic": 1.5}  # versions, of Open Terms Archive's
Key = tuple[str, str]  # service and type


@dataclass(frozen=True)
class Text:
    """One text that Open Terms Archive recorded: when, what for, and its words."""

    seconds: float
    technical: bool
    failed: bool  # it only says that the page cannot be shown
    words: Counter[str]
    letters: str  # its words without spaces, which are lost here and there between two blocks


@dataclass(frozen=True)
class Document:
    """One document: where its fetches are, what is declared of it, and Open Terms Archive's texts, oldest first."""

    title: str  # "SERVICE, TYPE"
    repository: Repository
    records: list[Record]
    sources: list[Source]
    texts: list[Text]


@dataclass
class Line:
    """The versions of one document, read in one way."""

    layout: Layout
    sources: dict[str, Source]
    versions: list[tuple[int, list[Passage]]] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    pages: dict[str, list[Passage]] = field(default_factory=dict)

    def take(self, record: Record, body: bytes) -> None:
        """Reads one page; one that cannot be read leaves the one before in its place."""
        source = self.sources[record.part]
        found = read_page(Answer(body, "text/html", CHARSET), source, record.url or source.fetch)
        if isinstance(found, Wall):
            self.unread.append(record.seconds)
        else:
            self.pages[record.part] = found

    def conclude(self, record: Record) -> None:
        """A version, if all pages are there and anything of the passages is new."""
        parts = self.layout.made_of(self.pages, record)
        passages = [passage for part in parts for passage in self.pages.get(part, [])]
        if passages and (not self.versions or self.versions[-1][1] != passages):
            self.versions.append((record.seconds, passages))

    def could_read(self, seconds: float) -> bool:
        """Whether nothing failed in the run of that time."""
        return not any(abs(when - seconds) <= ONE_RUN for when in self.unread)

    def words_at(self, seconds: float) -> Counter[str]:
        """The words in force at a time, before the first version those of it."""
        held = [passages for when, passages in self.versions if when <= seconds] or [self.versions[0][1]]
        return words(text_of(held[-1]))


@dataclass(frozen=True)
class Told:
    """What became of one document."""

    title: str
    fetches: int
    different: int
    theirs: int
    failed: int
    technical: int
    real: int
    changes: dict[str, int]  # by the way of reading; the first version is none
    unread: dict[str, int]
    missed: dict[str, list[str]]  # by the way of reading: when, and which words
    unseen: dict[str, int]  # changes of pages that this way of reading could not read at that fetch
    shown: str


def main(arguments: list[str]) -> int:
    """Print a line per document, what is missing, and the sums beside the limits."""
    shown = arguments[arguments.index("--show") + 1] if "--show" in arguments[:-1] else ""
    folders = [one for one in arguments if one not in ("--show", shown)]
    corpus = Path(folders[0]) if folders else CORPUS
    if not (corpus / "genai-eu-snapshots.bundle").is_file():
        print(f"No corpus in {corpus}: give the folder that holds genai-eu-snapshots.bundle.", file=sys.stderr)
        return 2
    with opened(corpus / "genai-eu-snapshots.bundle") as pages, opened(corpus / "genai-eu-versions.bundle") as texts:
        found = [one for one in documents(corpus / "genai-eu-declarations", pages, texts) if shown in ("", one.title)]
        longest_first = sorted(found, key=lambda one: -len(one.records))
        with Pool(PROCESSES) as pool:
            told = list(pool.imap_unordered(replayed, longest_first, chunksize=1))
    if shown:
        print("\n".join(one.shown for one in told))
    else:
        report(sorted(told, key=lambda one: one.title))
    return 0


def documents(declarations: Path, pages: Repository, texts: Repository) -> Iterator[Document]:
    """The documents that are declared and were fetched."""
    recorded = records(pages)
    theirs = texts_of(texts)
    for path in sorted(declarations.glob("*.json")):
        for kind, terms in json.loads(path.read_text())["terms"].items():
            key = path.stem, kind
            if key in recorded:
                yield Document(", ".join(key), pages, recorded[key], read_sources(terms), theirs.get(key, []))


def records(pages: Repository) -> dict[Key, list[Record]]:
    """What was fetched of each document, in the order of time."""
    found: dict[Key, list[Record]] = {}
    for change in sorted(pages.changes(), key=lambda change: change.at):
        place = place_of(change, PAGE, Counter())
        if place:
            key, part = (place["service"], place["type"]), place["part"] or ""
            kept = Record(change.commit, change.at, *key, part, "text/html", change.blob, address_of(change))
            found.setdefault(key, []).append(kept)
    return found


def texts_of(repository: Repository) -> dict[Key, list[Text]]:
    """What Open Terms Archive made of each document, in the order of time."""
    found: dict[Key, list[Text]] = {}
    listed = records_of(repository.changes(), Counter())
    with repository.blobs(record.blob for record in listed) as bodies:
        for record, body in zip(listed, bodies, strict=True):
            text = plain(body.decode())
            seconds, bare = datetime.fromisoformat(record.at).timestamp(), "".join(WORD.findall(text.lower()))
            one = Text(seconds, record.technical, is_error(body), words(text), bare)
            found.setdefault((record.service, record.type), []).append(one)
    return found


def replayed(document: Document) -> Told:
    """One document, from its first fetch to its last."""
    lines, different = read(document)
    begin, end = document.records[0].seconds, document.records[-1].seconds + ONE_RUN
    within = [after for _, after in changes_of(document.texts) if begin <= after.seconds <= end]
    pages = [text for text in document.texts if not text.failed]
    real = [pair for pair in changes_of(pages) if begin + ONE_RUN < pair[1].seconds <= end and is_real(*pair)]
    return Told(
        document.title,
        len(document.records),
        different,
        len(within),
        sum(text.failed for text in within),
        sum(text.technical and begin <= text.seconds <= end for text in document.texts),
        len(real),
        {name: max(0, len(line.versions) - 1) for name, line in lines.items()},
        {name: len(line.unread) for name, line in lines.items()},
        {name: faults(line, real, end) for name, line in lines.items()},
        {name: sum(not line.could_read(after.seconds) for _, after in real) for name, line in lines.items()},
        "\n".join(f"\n===== {document.title}, {name}\n{differences(line)}" for name, line in lines.items()),
    )


def read(document: Document) -> tuple[dict[str, Line], int]:
    """The document's versions in both ways, and how many fetches brought other bytes than the one before."""
    layout = Layout(document.records, document.sources)
    declared = {record.part: layout.source(record.part) for record in document.records}
    automatic = {part: Source(source.fetch) for part, source in declared.items()}
    lines = {"declared": Line(layout, declared), "automatic": Line(layout, automatic)}
    held: dict[str, str] = {}
    different = 0
    with document.repository.blobs(record.blob for record in document.records) as bodies:
        for look in looks(document.records):
            for record in look:
                body = next(bodies)
                if held.get(record.part) != record.blob:
                    different, held[record.part] = different + 1, record.blob
                    for line in lines.values():
                        line.take(record, body)
            for line in lines.values():
                line.conclude(look[-1])
    return lines, different


def changes_of(texts: Sequence[Text]) -> list[tuple[Text, Text]]:
    """Each text that is no technical upgrade with the one before."""
    return [(before, after) for before, after in pairwise(texts) if not after.technical]


def is_real(before: Text, after: Text) -> bool:
    """Whether the words differ, not only links, markup, spaces and order."""
    return before.words != after.words and before.letters != after.letters


def faults(line: Line, real: Sequence[tuple[Text, Text]], end: float) -> list[str]:
    """What is missing of the changes recorded there, where the page could be read."""
    untils = [*(after.seconds for _, after in real[1:]), end]
    pairs = [pair for pair in zip(real, untils, strict=False) if line.could_read(pair[0][1].seconds)]
    return [fault for pair, until in pairs if (fault := missing(line, *pair, until))]


def missing(line: Line, before: Text, after: Text, until: float) -> str:
    """Which words changed there and not here, at that fetch or later while that text was in force; "" if none."""
    if not line.versions:
        return f"{time_of(int(after.seconds))} nothing was read"
    old = line.words_at(before.seconds + ONE_RUN)
    later = [when for when, _ in line.versions if after.seconds + ONE_RUN < when < until]
    found = (absent(old, line.words_at(when), before, after) for when in (after.seconds + ONE_RUN, *later))
    told = min(found, key=len)
    share = len(told) / len((after.words - before.words) + (before.words - after.words))
    return f"{time_of(int(after.seconds))} {share:.0%}: {' '.join(told)[:300]}" if share > GLUED else ""


def absent(old: Counter[str], new: Counter[str], before: Text, after: Text) -> list[str]:
    """The words of a change that are none of a change here."""
    added = (after.words - before.words).keys() - (new - old).keys()
    removed = (before.words - after.words).keys() - (old - new).keys()
    return [f"+{word}" for word in sorted(added)] + [f"-{word}" for word in sorted(removed)]


def differences(line: Line) -> str:
    """The passages that differ between each version and the one before, with their links."""
    told = []
    for (_, before), (when, after) in pairwise(line.versions):
        told.append(f"--- {time_of(when)}")
        told += list(unified_diff([*map(shown, before)], [*map(shown, after)], n=0, lineterm=""))[2:]
    return "\n".join(told)


def shown(passage: Passage) -> str:
    """A passage on one line."""
    links = "".join(f"\n      [{link.text}] {link.url}" for link in passage.links)
    return f"{passage.kind} {passage.level} {passage.text}{links}"


def report(told: Sequence[Told]) -> None:
    """The figures per document, and their sums."""
    print(f"{'':44}  fetches  bytes  theirs (failed) +technical  real   declared (unread)  automatic (unread)")
    for one in told:
        ours = "".join(f"{one.changes[name]:12} ({one.unread[name]:3})" for name in MOST)
        theirs = f"{one.theirs:7} ({one.failed:3}) {one.technical:11} {one.real:9}"
        print(f"{one.title:44} {one.fetches:8} {one.different:6} {theirs}{ours}")
    for name in MOST:
        for one in told:
            for fault in one.missed[name]:
                print(f"not here, {name}: {one.title}: {fault}")
    print(f"{sum(one.fetches for one in told):,} fetches, {sum(one.different for one in told):,} with other bytes")
    for name in MOST:
        report_sums(told, name)


def report_sums(told: Sequence[Told], name: str) -> None:
    """One way of reading beside its limits."""
    theirs, ours = sum(one.theirs for one in told), sum(one.changes[name] for one in told)
    verdict = "met" if ours <= MOST[name] * theirs else "missed"
    times = f"{ours / max(1, theirs):.2f} times (at most {MOST[name]})"
    print(f"{name:10} {ours:5} new versions, theirs {theirs}: {times}: {verdict}")
    real, missed = sum(one.real for one in told), sum(len(one.missed[name]) for one in told)
    unseen = sum(one.unseen[name] for one in told)
    verdict = "missed" if missed else "met"
    here = f"{real - missed - unseen:5} of their {real} changes of words are here, {unseen} were not read"
    print(f"{name:10} {here} (all that were read): {verdict}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
