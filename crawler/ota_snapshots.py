"""Takes in the pages of an Open Terms Archive snapshots repository: each is kept, and read with our own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlite_utils import Database

from archive import evidence, recording
from archive.errors import ExtractionError, HistoryError
from archive.words import Document, Fetch, Outcome, Passage, Snapshot
from crawler import extraction, reading
from crawler.declaration import Declaration, Source
from crawler.git_records import Change, head_of, opened
from crawler.judging import read_page
from crawler.ota_commits import OLDEST, PAGE, TEXT, Report, Told, address_of, fault_of_date, place_of, time_of
from crawler.ota_parts import Layout, Record, looks
from crawler.walls import Answer, Wall

ORIGIN = "Open Terms Archive pages"
TOGETHER = 25  # records stored in one transaction, and those of the last look
# The recorder writes what a browser showed, as UTF-8 whatever the page says of itself.
CONTENT = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
CHARSET = "utf-8"
WAITING = "stored, but not compared: another page of this document was not read yet"
ASIDE = "stored, but not compared: the declaration does not name this page"
BROKEN = "stored, but not compared: another page of this document cannot be read: "


@dataclass(slots=True)
class _Page:
    """The newest page of one part that could be read. `waits` says why no text holds it yet, "" where one does."""

    blob: str
    fetch: int
    waits: str
    found: list[Passage] | evidence.Page  # what was read in it, or where it is

    def passages(self, db: Database, source: Source) -> list[Passage]:
        """What stands in it; a page of an earlier run is read again only when it is asked for."""
        if isinstance(self.found, evidence.Page):
            page = self.found
            self.found = extraction.extract(page.body(db), page.media_type, source, page.url, page.encoding)
        return self.found


def import_pages(
    db: Database,
    path: Path,
    declared: Callable[[], Iterable[Declaration]] = tuple,
    name: str = "",
    told: Told = lambda done, of: None,
) -> Report:
    """Takes in what is new in the repository or bundle at `path`, document by document. Safe to stop at any instant.

    A document is read as `declared()` says, which is asked only where something is new, else its main content is found.
    `name` tells several collections apart. HistoryError says why nothing can be taken.
    """
    origin = f"{ORIGIN}: {name}" if name else ORIGIN
    head = head_of(path)
    report = Report(origin)
    if recording.is_taken(db, origin, head):
        return report
    recording.expect_much(db)
    with opened(path) as repository:
        histories = _histories(list(repository.changes()), report, path)
        waiting = _waiting(histories, recording.known_origins(db))
        report.documents, report.records = len(waiting), sum(map(_count, waiting.values()))
        known = _Declared(declared(), origin)
        documents = [(known.declaration(histories[key]), histories[key], new) for key, new in waiting.items()]
        fresh = (record.blob for *_, new in documents for look in new for record in look)
        with repository.blobs(fresh) as contents:
            for declaration, records, new in documents:
                for done in _Document(db, declaration, records, report).take(new, contents):
                    told(done, report.records)
    recording.set_taken(db, origin, head)
    return report


def _histories(changes: Sequence[Change], report: Report, path: Path) -> dict[tuple[str, str], list[Record]]:
    """The records of each document in the order of time, then of the commits."""
    records = [record for change in changes if (record := _record(change, report))]
    if not records:
        texts = any(TEXT.fullmatch(change.path) for change in changes)
        raise HistoryError(f"{path}: holds {_TEXTS if texts else _NOTHING}")
    histories: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda record: (record.service, record.type, record.seconds)):
        histories.setdefault((record.service, record.type), []).append(record)
    return histories


def _record(change: Change, report: Report) -> Record | None:
    """The page that a commit recorded."""
    place = place_of(change, PAGE, report.refused)
    if place is None:
        return None
    kind, part = CONTENT[place["ending"]], place["part"] or ""
    return Record(
        change.commit, change.at, place["service"], place["type"], part, kind, change.blob, address_of(change)
    )


def _waiting(
    histories: dict[tuple[str, str], list[Record]], known: set[str]
) -> dict[tuple[str, str], list[list[Record]]]:
    """Of each document the looks with what is new in them; what was taken before still tells looks apart."""
    waiting = dict[tuple[str, str], list[list[Record]]]()
    for key, records in histories.items():
        new = [[record for record in look if record.commit not in known] for look in looks(records)]
        if any(new):
            waiting[key] = [look for look in new if look]
    return waiting


def _count(together: Iterable[Sequence[Record]]) -> int:
    return sum(map(len, together))


class _Declared:
    """What the documents of one origin are called and read with."""

    def __init__(self, declared: Iterable[Declaration], origin: str) -> None:
        self._origin = origin
        self._declared = {(one.document.service, one.document.type): one for one in declared}
        self._names = {one.document.service: one.document.service_name for one in self._declared.values()}

    def declaration(self, records: Sequence[Record]) -> Declaration:
        """The operator's, made one of this origin; without sources where there is none."""
        newest = records[-1]
        declared = self._declared.get((newest.service, newest.type))
        name = self._names.get(newest.service, newest.service)
        url = newest.url or (declared.document.url if declared else "")
        document = Document(newest.service, newest.type, url, name, origin=self._origin)
        if declared is None:
            return Declaration(document, ())
        return Declaration(replace(document, language=declared.document.language), declared.sources)


class _Document:
    """One document of the history, as far as it was taken in."""

    def __init__(self, db: Database, declaration: Declaration, records: Sequence[Record], report: Report) -> None:
        self._db, self._declaration, self._report = db, declaration, report
        self._latest = recording.now()
        believed = [record for record in records if OLDEST <= time_of(record.seconds) <= self._latest]
        self._layout = Layout(believed, declaration.sources)
        self._records = {record.commit: record for record in records}
        self._pages: dict[str, _Page] = {}
        self._numbers: dict[str, int] = {}

    def take(self, new: Sequence[Sequence[Record]], contents: Iterator[bytes]) -> Iterator[int]:
        """Stores the records and reads them, some looks in each transaction; gives how many records after each."""
        with self._db.atomic():
            self._begin()
        for batch in _batches(new):
            with self._line.storing():
                for look in batch:
                    self._take_look(look, contents)
            yield _count(batch)

    def _begin(self) -> None:
        """Finds what was taken before, and reads the newest version again if the rules have changed."""
        self._identity = recording.record_document(self._db, self._declaration.document)
        for page in evidence.pages_of_origin(self._db, self._identity):
            self._remember(self._records.get(page.origin_id or ""), page)
        rules = self._rules()
        self._report.versions += reading.reread(self._db, self._identity, rules) is not None
        self._line = recording.Line(self._db, self._identity, reading.extractor(rules))

    def _rules(self) -> Declaration:
        """The declaration; without one, the main content is found on as many pages as the newest version has."""
        latest = recording.latest_version(self._db, self._identity)
        pages = len(evidence.pages_of(self._db, latest["id"])) if latest else 1
        return replace(self._declaration, sources=self._declaration.sources or (Source(""),) * pages)

    def _remember(self, record: Record | None, page: evidence.Page) -> None:
        """What an earlier run made of a record, which a rewritten history may no longer have."""
        if record is None:
            return
        self._numbers[record.part] = page.part
        if page.outcome in (Outcome.FETCHED, Outcome.RECORDED, Outcome.UNCHANGED):
            waits = page.detail if page.outcome is Outcome.FETCHED else ""
            self._pages[record.part] = _Page(record.blob, page.fetch_id, waits, page)

    def _take_look(self, look: Sequence[Record], contents: Iterator[bytes]) -> None:
        read = [record for record in look if self._take(record, next(contents))]
        if read:
            self._conclude(read[-1])

    def _take(self, record: Record, content: bytes) -> bool:
        """Whether the page was read. One that cannot be used is kept all the same, with the reason."""
        before = self._pages.get(record.part)
        fault = fault_of_date(time_of(record.seconds), self._latest, self._line.seen_at)
        if not fault and before and before.blob == record.blob:
            outcome = Outcome.FETCHED if before.waits else Outcome.UNCHANGED
            before.fetch = self._keep(record, content, outcome, before.waits)
            return False
        found = self._read(record, content, fault)
        if isinstance(found, Wall):
            self._report.refused[found.detail] += 1
            self._keep(record, content, found.outcome, found.detail)
            return False
        fetch = self._keep(record, content, Outcome.FETCHED, WAITING)
        self._pages[record.part] = _Page(record.blob, fetch, WAITING, found)
        return True

    def _read(self, record: Record, content: bytes, fault: str) -> list[Passage] | Wall:
        if fault:
            return Wall(Outcome.UNEXTRACTABLE, fault)
        source = self._layout.source(record.part)
        return read_page(Answer(content, _media_type(record), CHARSET), source, record.url or source.fetch)

    def _keep(self, record: Record, content: bytes, outcome: Outcome, detail: str) -> int:
        """The id of the new fetch, stored with the page."""
        if record.part not in self._numbers:
            self._numbers[record.part] = self._layout.number(record.part, self._numbers)
        url = record.url or self._layout.source(record.part).fetch
        headers = (("content-type", record.media_type),)
        fetch = Fetch(url, time_of(record.seconds), outcome, detail, headers=headers, origin_id=record.commit)
        number, snapshot = self._numbers[record.part], Snapshot(content, _media_type(record), url)
        return self._line.add_fetch(fetch, snapshot, number)

    def _conclude(self, record: Record) -> None:
        """Makes a version of the newest pages if all are there and the text is new."""
        parts = self._layout.made_of(self._pages, record)
        if not parts:
            return
        pages = [self._pages[part] for part in parts]
        try:
            passages = [
                passage
                for part, page in zip(parts, pages, strict=True)
                for passage in page.passages(self._db, self._layout.source(part))
            ]
        except ExtractionError as error:
            self._settle(pages, Outcome.FETCHED, f"{BROKEN}{error}")
            return
        version = self._line.add_version([page.fetch for page in pages], passages)
        self._report.versions += version is not None
        self._settle(pages, Outcome.RECORDED if version else Outcome.UNCHANGED)
        self._settle(self._pages.values(), Outcome.FETCHED, ASIDE)

    def _settle(self, pages: Iterable[_Page], outcome: Outcome, waits: str = "") -> None:
        """Says what became of the pages that have waited."""
        for page in pages:
            if page.waits and page.waits != waits:
                recording.set_outcome(self._db, page.fetch, outcome, waits)
                page.waits = waits


def _media_type(record: Record) -> str:
    return record.media_type.partition(";")[0]


def _batches(new: Iterable[Sequence[Record]]) -> Iterator[list[Sequence[Record]]]:
    """Some looks at a time, none of them taken apart."""
    batch: list[Sequence[Record]] = []
    for look in new:
        batch.append(look)
        if _count(batch) >= TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


_NOTHING = "no pages of Open Terms Archive (files such as 'Service/Privacy Policy.html')"
_TEXTS = "texts, not pages: use `smallprint import ota-versions`"
