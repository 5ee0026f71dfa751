"""Judges the versions of an import in another process while this one records: there is one writer, and this is it."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Self

from sqlite_utils import Database

from archive import store
from archive.changes import Anew, Pending, finished_since, pending_count, record_anew, record_change
from archive.edits import Edits
from archive.recording import collect_seldom
from archive.settings import USUAL
from archive.timelines import Timeline
from archive.words import Edit, Reading
from diffing import gate, rules, run
from diffing.course import Course, Step
from diffing.readings import Readings

MANY = 500  # versions that wait from which another process is worth its start
TOGETHER = 100  # looks whose decisions are stored in one transaction
AT_ONCE = 6  # documents that are handed out, so that the other process need not wait for the next
END = b""  # what a pipe without anybody at its other end says


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was decided about a document's versions, without their texts, and the ids of the passages in their edits."""

    document: int
    passages: dict[str, int]
    looks: list[list[Step]]


class Ahead:
    """Compares, flags and decides about what an import has recorded; what is judged elsewhere is stored here."""

    def __init__(self, db: Database, archive: Path, folder: Path) -> None:
        """`folder` holds the rules; `db` is the archive at `archive`, open for writing."""
        self._db, self._archive, self._folder = db, archive, folder
        self._seen = 0  # the highest version that was looked at
        self._waiting: list[int] = []  # documents
        self._other: _Other | None = None
        self._alone = (os.cpu_count() or 1) == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The other process only reads: it may be ended at any time."""
        if self._other:
            self._other.end()

    def go_on(self) -> Iterator[run.Change]:
        """Stores what was judged meanwhile and hands out what else is recorded whole. Call it outside transactions."""
        if self._other or (not self._alone and pending_count(self._db) >= MANY):
            self._other = self._other or _Other(self._archive, self._folder)
            self._seen, more = finished_since(self._db, self._seen)
            self._waiting += more
            self._hand_out()
            yield from self._store()

    def finish(self) -> Iterator[run.Change]:
        """Everything that is left: what the other process has not begun, this one begins from the end."""
        known = rules.load(self._folder)
        if self._other:
            self._seen, more = finished_since(self._db, self._seen, whole=True)
            self._waiting += more
        while self._other and (self._other.documents or self._waiting):
            self._hand_out()
            yield from self._store(wait=not self._waiting)
            if self._waiting:
                yield from run.diff_document(self._db, self._waiting.pop(), known)
        yield from run.diff(self._db, known)

    def _recorded(self, step: Step, edits: Edits) -> run.Change:
        if isinstance(step, Anew):
            return record_anew(self._db, step, edits), step
        return record_change(self._db, *step, edits), step[1]

    def _hand_out(self) -> None:
        """What is handed out and never comes back is left to `finish`."""
        while self._other and self._waiting and self._other.documents < AT_ONCE:
            if not self._other.judge(self._waiting.pop(0)):
                self._other = None

    def _store(self, wait: bool = False) -> Iterator[run.Change]:
        """What the other process has made of documents; where that ended, we do its work ourselves."""
        while self._other and (judged := self._other.judged(wait)):
            edits = Edits(self._db, judged.document, judged.passages)
            for first in range(0, len(judged.looks), TOGETHER):
                with self._db.atomic():
                    steps = chain.from_iterable(judged.looks[first : first + TOGETHER])
                    done = [self._recorded(step, edits) for step in steps]
                yield from done
            wait = False
        if self._other and self._other.has_ended:
            self._other, self._alone = None, True


class _Other:
    """The other process. A thread takes from it what it has to say, so that it need not wait for us."""

    def __init__(self, archive: Path, folder: Path) -> None:
        """Only we hold our end of the pipe, so that the other process ends however we do."""
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, archive, folder), daemon=True)
        self._process.start()
        theirs.close()
        self.documents = 0  # that were handed out and have not come back
        self.has_ended = False
        self._said: Queue[bytes] = Queue()
        Thread(target=self._listen, daemon=True).start()

    def end(self) -> None:
        """Does not wait for what it is at."""
        self._process.terminate()
        self._process.join()

    def judge(self, document: int) -> bool:
        """Whether the document could be handed out."""
        try:
            self._pipe.send(document)
        except OSError:
            return False
        self.documents += 1
        return True

    def judged(self, wait: bool) -> _Judged | None:
        """What has come back, None if nothing has, or nothing more will."""
        try:
            said = self._said.get(block=wait and self.documents > 0 and not self.has_ended)
        except Empty:
            return None
        self.documents -= 1
        self.has_ended = said == END
        return None if self.has_ended else pickle.loads(said)  # noqa: S301  (it is from our own process)

    def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._said.put(self._pipe.recv_bytes())
        self._said.put(END)


def _serve(pipe: Connection, archive: Path, folder: Path) -> None:
    """Judges documents until nobody asks any more. An error ends it: the asker does its work, and meets it too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    known = rules.load(folder)
    with suppress(EOFError, OSError), store.reading(archive) as db:
        while True:
            pipe.send(_judged(db, pipe.recv(), known))


def _judged(db: Database, document: int, known: rules.Rules) -> _Judged:
    line = Timeline(db, document, gate.MEMORY)
    course = Course(line, Readings(known), USUAL, line.end)
    looks = [[_light(step) for step in steps] for steps in course.steps()]
    edits = chain.from_iterable(map(_edits, chain.from_iterable(looks)))
    texts = {text for edit, _ in edits for text in (edit.before, edit.after)}
    return _Judged(document, {text: line.ids[text] for text in texts if text}, looks)


def _light(step: Step) -> Step:
    """Without the texts, which the archive has."""
    if not isinstance(step, Anew):
        return _bare(step[0]), step[1]
    return replace(step, believed=(_bare(step.believed[0]), step.believed[1])) if step.believed else step


def _bare(pending: Pending) -> Pending:
    return replace(pending, before=(), after=(), recent=frozenset())


def _edits(step: Step) -> Sequence[tuple[Edit, Reading]]:
    if isinstance(step, Anew):
        return step.believed[1].edits if step.believed else ()
    return step[1].edits
