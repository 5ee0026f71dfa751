"""Takes in the history of an Open Terms Archive versions repository: each recorded text as a fetch and a version."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from archive import recording
from archive.errors import HistoryError
from archive.words import Document, Fetch, Outcome, Passage, Snapshot
from crawler.extraction import REVISION
from crawler.git_records import Change, Repository, head_of, opened
from crawler.html_links import link_target
from crawler.markdown import MarkdownReader
from crawler.ota_commits import PAGE, TECHNICAL, TEXT, Report, Told, address_of, fault_of_date, place_of, time_of

ORIGIN = "Open Terms Archive"
EXTRACTOR = f"{REVISION}:markdown"
TOGETHER = 200  # records stored in one transaction
SOURCE = re.compile(r"\bsnapshot +(\S*\b[0-9a-f]{5,40}\b\S*)|^- +(\S*\b[0-9a-f]{5,40}\b\S*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Record:
    """One recorded text: which document, when its page was fetched, and what the recorder tells of it.

    `dated` is the date of a text that was made later: a page of then, read anew after `at`.
    """

    commit: str
    at: str
    service: str
    type: str
    blob: str
    technical: bool
    source: str  # what the recorder calls the page it was read from
    url: str
    dated: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    """What a blob holds: the stored bytes, their passages, and why there are none."""

    snapshot_id: int
    passages: list[Passage]
    fault: str


def import_versions(db: Database, path: Path, name: str = "", told: Told = lambda done, of: None) -> Report:
    """Takes in what is new in the repository or bundle at `path`, document by document. Safe to stop at any instant.

    `name` tells several collections of Open Terms Archive apart. HistoryError says why nothing can be taken.
    """
    origin = f"{ORIGIN}: {name}" if name else ORIGIN
    head = head_of(path)
    report = Report(origin)
    if recording.is_taken(db, origin, head):
        return report
    recording.expect_much(db)
    with opened(path) as repository:
        documents = _waiting(db, repository, report, path)
        total = sum(map(len, documents))
        with repository.blobs(blob for records in documents for blob in _blobs(records)) as contents:
            for records in documents:
                importer = _Document(db, origin, records, report)
                for done in importer.take(contents):
                    told(done, total)
    recording.set_taken(db, origin, head)
    return report


def records_of(changes: Iterable[Change], refused: Counter[str]) -> list[Record]:
    """The records of a repository by document, each in the order of time, then of the commits."""
    records = [record for change in changes if (record := _record(change, refused))]
    return sorted(_in_their_turn(records), key=lambda record: (record.service, record.type, record.at))


def _in_their_turn(records: Iterable[Record]) -> Iterator[Record]:
    """A technical record bears the date of its page, though newer pages may have been recorded before it was made."""
    newest = dict[tuple[str, str], str]()
    for record in records:
        document = (record.service, record.type)
        latest = newest.get(document, "")
        late = record.technical and record.at < latest
        newest[document] = max(latest, record.at)
        yield replace(record, at=latest, dated=record.at) if late else record


def _waiting(db: Database, repository: Repository, report: Report, path: Path) -> list[list[Record]]:
    """The records that are new, by document."""
    changes = list(repository.changes())
    records = records_of(changes, report.refused)
    if not records:
        pages = any(PAGE.fullmatch(change.path) for change in changes)
        raise HistoryError(f"{path}: holds {_PAGES if pages else _NOTHING}")
    known = recording.known_origins(db)
    waiting: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.commit not in known:
            waiting.setdefault((record.service, record.type), []).append(record)
    report.documents, report.records = len(waiting), sum(map(len, waiting.values()))
    return list(waiting.values())


def _blobs(records: Iterable[Record]) -> Iterable[str]:
    """The texts of a document in the order in which they are needed, each once."""
    return dict.fromkeys(record.blob for record in records)


def _record(change: Change, refused: Counter[str]) -> Record | None:
    """The text that a commit recorded."""
    place = place_of(change, TEXT, refused)
    if place is None:
        return None
    technical = change.subject.startswith(TECHNICAL)
    source = ", ".join(one or other for one, other in SOURCE.findall(change.body))
    at, url = time_of(change.at), address_of(change)
    return Record(change.commit, at, place["service"], place["type"], change.blob, technical, source, url)


class _Document:
    """The new records of one document. A text that comes again is neither unpacked nor read again."""

    def __init__(self, db: Database, origin: str, records: Sequence[Record], report: Report) -> None:
        newest = records[-1]
        self._db, self._records, self._report = db, records, report
        self._document = Document(newest.service, newest.type, newest.url, origin=origin)
        self._reader = MarkdownReader(link_target(newest.url))
        self._known: dict[str, _Text] = {}  # by blob
        self._latest = recording.now()

    def take(self, contents: Iterator[bytes]) -> Iterator[int]:
        """Stores the records, some in each transaction; gives how many after each."""
        waiting = iter(self._records)
        identity = recording.record_document(self._db, self._document)
        self._line = recording.Line(self._db, identity, EXTRACTOR)
        while batch := list(islice(waiting, TOGETHER)):
            with self._line.storing():
                for record in batch:
                    self._take(record, contents)
            yield len(batch)

    def _take(self, record: Record, contents: Iterator[bytes]) -> None:
        """A text that cannot be used is kept all the same, with the reason."""
        if record.blob not in self._known:
            self._known[record.blob] = self._read(Snapshot(next(contents), "text/markdown", record.url))
        text = self._known[record.blob]
        fault = fault_of_date(record.at, self._latest, self._line.seen_at) or text.fault
        outcome = Outcome.UNEXTRACTABLE if fault else Outcome.RECORDED
        dated = f"dated {record.dated}, read anew after newer pages" if record.dated else ""
        detail = fault or ", ".join(filter(None, [f"from {record.source}" if record.source else "", dated]))
        fetch = Fetch(record.url, record.at, outcome, detail, origin_id=record.commit)
        made = self._line.add_fetch(fetch, text.snapshot_id)
        if fault:
            self._report.refused[fault] += 1
        elif self._line.add_version([made], text.passages, technical=record.technical):
            self._report.versions += 1
        else:
            recording.set_outcome(self._db, made, Outcome.UNCHANGED, detail)

    def _read(self, snapshot: Snapshot) -> _Text:
        stored = self._line.add_snapshot(snapshot)
        try:
            passages = self._reader.read(snapshot.body.decode("utf-8"))
        except UnicodeDecodeError:
            return _Text(stored, [], "the text is not UTF-8")
        return _Text(stored, passages, "" if passages else "the page holds no text")


_NOTHING = "no records of Open Terms Archive (files such as 'Service/Privacy Policy.md')"
_PAGES = "pages, not texts: use `smallprint import ota-snapshots`"
