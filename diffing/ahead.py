"""Judges the versions of an import in another process while this one records: there is one writer, and this is it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from archive import store
from archive.changes import Pending, Verdict, finished_since, pending_count, record_change
from archive.edits import Edits
from archive.recording import collect_seldom
from archive.timelines import Timeline
from diffing import gate, rules, run

MANY = 500  # versions that wait from which another process is worth its start
TOGETHER = 100  # changes stored in one transaction

Change = tuple[int, Verdict]  # a new change's id, and what it is


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of a document's versions, each without its texts, and the ids of the passages in their edits."""

    document: int
    passages: dict[str, int]
    verdicts: list[tuple[Pending, Verdict]]


class Ahead:
    """Compares, flags and decides about what an import has recorded; what is judged elsewhere is stored here."""

    def __init__(self, db: Database, archive: Path, folder: Path) -> None:
        """`folder` holds the rules; `db` is the archive at `archive`, open for writing."""
        self._db, self._archive, self._folder = db, archive, folder
        self._seen = 0  # the highest version that was looked at
        self._waiting: list[int] = []  # documents
        self._pipe: Connection | None = None
        self._busy = False
        self._alone = (os.cpu_count() or 1) == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The other process ends when nobody is left to talk to."""
        if self._pipe:
            self._pipe.close()

    def go_on(self) -> Iterator[Change]:
        """Stores what was judged meanwhile and hands out what else is recorded whole. Call it outside transactions."""
        if self._pipe and self._busy and self._pipe.poll():
            yield from self._store()
        if not self._alone and not self._busy:
            if not self._waiting:
                self._seen, self._waiting = finished_since(self._db, self._seen)
            self._hand_out()

    def finish(self) -> Iterator[Change]:
        """Everything that is left, here or there."""
        if self._pipe:
            self._seen, more = finished_since(self._db, self._seen, whole=True)
            self._waiting += more
        known = rules.load(self._folder)
        while self._pipe and (self._busy or self._waiting):
            self._hand_out()
            if self._waiting and self._pipe and not self._pipe.poll():
                yield from run.diff_document(self._db, self._waiting.pop(), known)
            else:
                yield from self._store()
        yield from run.diff(self._db, known)

    def _hand_out(self) -> None:
        if self._busy or not self._waiting or (not self._pipe and pending_count(self._db) < MANY):
            return
        pipe = self._pipe or self._begin()
        try:
            pipe.send(self._waiting.pop(0))
            self._busy = True
        except OSError:
            self._go_on_alone()

    def _begin(self) -> Connection:
        """Only we hold our end of the pipe, so that the other process ends however we do."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        context.Process(target=_serve, args=(theirs, self._archive, self._folder), daemon=True).start()
        theirs.close()
        return self._pipe

    def _go_on_alone(self) -> None:
        self._pipe, self._waiting, self._alone = None, [], True

    def _store(self) -> Iterator[Change]:
        """What the other process has made of a document; where that ended, we do its work ourselves."""
        self._busy = False
        try:
            judged = self._pipe.recv() if self._pipe else None
        except (EOFError, OSError):
            self._go_on_alone()
            return
        if judged is None:
            return
        edits = Edits(self._db, judged.document, judged.passages)
        for first in range(0, len(judged.verdicts), TOGETHER):
            with self._db.atomic():
                batch = judged.verdicts[first : first + TOGETHER]
                done = [(record_change(self._db, pending, verdict, edits), verdict) for pending, verdict in batch]
            yield from done


def _serve(pipe: Connection, archive: Path, folder: Path) -> None:
    """Judges documents until nobody asks any more. An error ends it: the asker does its work, and meets it too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    known = rules.load(folder)
    with suppress(EOFError, OSError), store.reading(archive) as db:
        while True:
            pipe.send(_judged(db, pipe.recv(), known))


def _judged(db: Database, document: int, known: rules.Rules) -> _Judged:
    timeline, readings = Timeline(db, document, gate.MEMORY_DAYS), run.Readings(known)
    verdicts = list[tuple[Pending, Verdict]]()
    for pending in timeline.pending():
        verdict = run.judge(pending, readings)
        timeline.decide(verdict.decision)
        verdicts.append((replace(pending, before=(), after=(), recent=frozenset()), verdict))
    texts = {text for _, verdict in verdicts for edit, _ in verdict.edits for text in (edit.before, edit.after)}
    return _Judged(document, {text: timeline.ids[text] for text in texts if text}, verdicts)
