"""Small builders of the domain's values and of archives that hold them, for the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from archive import pushes, store
from archive.changes import Pending, Verdict, record_change
from archive.recording import record_document, record_fetch, record_version
from archive.rows import value
from archive.settings import Waits
from archive.timelines import Timeline
from archive.words import (
    Decision,
    Document,
    Edit,
    EditKind,
    Effect,
    Fact,
    Fetch,
    Flag,
    Kind,
    Outcome,
    Passage,
    Reading,
    Snapshot,
    Topic,
)

MEMORY = timedelta(days=30)
AT_ONCE = Waits(timedelta(), timedelta())  # what came or went is not held
DAY = "2026-03-{:02}T06:00:00Z"
POLICY = Document("Quillo", "Privacy Policy", "https://quillo.example/privacy", "Quillo")
WORDS = "We use what you write to train our models."


@contextmanager
def new_archive() -> Iterator[Database]:
    """An archive for one example of a property."""
    with TemporaryDirectory() as folder, store.writing(Path(folder) / "archive.db") as db:
        yield db


def paragraphs(*texts: str) -> list[Passage]:
    """A page of plain paragraphs."""
    return [Passage(Kind.PARAGRAPH, text) for text in texts]


def page(text: str) -> list[Passage]:
    """A page as the golden files write it: "# " headings, "- " items, else paragraphs, one a line."""
    return [_passage(line) for line in text.splitlines() if line.strip()]


def _passage(line: str) -> Passage:
    mark, _, words = line.partition(" ")
    if mark and set(mark) == {"#"}:
        return Passage(Kind.HEADING, words, len(mark))
    return Passage(Kind.ITEM, words, 1) if mark == "-" else Passage(Kind.PARAGRAPH, line)


def fetch(day: int = 1, outcome: Outcome = Outcome.FETCHED, **more: object) -> Fetch:
    """A look at the policy on a day of March."""
    return Fetch(POLICY.url, DAY.format(day), outcome, **more)  # type: ignore[arg-type]


def version(
    db: Database, passages: Sequence[Passage], day: int = 1, document: Document = POLICY, *, technical: bool = False
) -> int:
    """The id of a recorded version with its fetch and snapshot."""
    owner = record_document(db, document)
    body = "\n".join(p.text for p in passages).encode()
    seen = record_fetch(db, owner, 0, fetch(day, Outcome.RECORDED), Snapshot(body, "text/html"))
    made = record_version(db, owner, [seen], passages, "rules 1", technical=technical)
    assert made is not None
    return made


def pending_of(db: Database, version_id: int, memory: timedelta = MEMORY) -> Pending:
    """The version as it is handed out for comparing; it has to be the document's next."""
    document = value(db, "SELECT document_id FROM versions WHERE id = ?", version_id)
    line = Timeline(db, document, memory)
    return line.pending(next(n for n, version in enumerate(line.versions) if version.id == version_id))


def decided(db: Database, version_id: int, decision: Decision, *edits: tuple[Edit, Reading]) -> int:
    """The id of the version's change, decided so, against the last one believed before it."""
    document = value(db, "SELECT document_id FROM versions WHERE id = ?", version_id)
    before, seen = value(db, _BELIEVED, document, version_id), value(db, _SEEN, version_id)
    pending = Pending(document, before, version_id, seen, False, (), (), (0, 0), "", frozenset())
    news = {place for place, (_, reading) in enumerate(edits) if reading.flags} if decision is Decision.PUSH else set()
    change = record_change(db, pending, Verdict(decision, "because", edits, news=frozenset(news)))
    if decision is Decision.PUSH:
        pushes.tell_in(db, change, change)
    return change


def put(db: Database, change: int, **columns: object) -> int:
    """Writes columns of a change, as the gate would."""
    db.table("changes").update(change, columns)
    return change


def decide_anew(
    db: Database, change: int, decision: Decision, reason: str = "the second look", **columns: object
) -> None:
    """As the gate does: what was decided before moves to earlier_decisions."""
    db.execute(
        """INSERT INTO earlier_decisions (change_id, decision, reason, decided_at, held_until)
           SELECT id, decision, reason, decided_at, held_until FROM changes WHERE id = ?""",
        (change,),
    )
    put(db, change, **{"decision": str(decision), "reason": reason, "held_until": None} | columns)


def flag(quote: str = WORDS, topic: Topic = Topic.AI_TRAINING, side: str = "after", **more: object) -> Flag:
    """A flag on these words."""
    effect = Effect.PERMITS if topic is Topic.AI_TRAINING else Effect.NONE
    return Flag(topic, effect, quote, side, "rule", 0.9, **more)  # type: ignore[arg-type]


def added(text: str = WORDS, heading: str = "", *flags: Flag, facts: Sequence[Fact] = ()) -> tuple[Edit, Reading]:
    """A passage that came, with its reading."""
    return Edit(EditKind.ADDED, heading, "", text), Reading(flags, tuple(facts))


def pushed(db: Database, document: Document = POLICY, words: str = WORDS) -> int:
    """The id of a change to push: a sentence about training came to the second version of the document."""
    decided(db, version(db, paragraphs("Hello.", document.type), 1, document), Decision.BASELINE)
    after = version(db, paragraphs("Hello.", document.type, words), 2, document)
    return decided(db, after, Decision.PUSH, added(words, "", flag(words)))


def as_it_stands(text: str) -> str:
    """A message with its quotes as the page says them now: what came unmarked, what went left out."""
    kept = re.sub(r"\[removed: [^]]*\]", "", text)
    return " ".join(re.sub(r"\[added: ([^]]*)\]", r"\1", kept).split())


def everything_in(path: Path) -> bytes:
    """All bytes of an archive's files, its log too."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


_SEEN = "SELECT seen_at FROM versions WHERE id = ?"
_BELIEVED = """SELECT max(versions.id) FROM versions JOIN changes ON after_version_id = versions.id
               WHERE versions.document_id = ? AND versions.id < ? AND decision != 'quarantined'"""
