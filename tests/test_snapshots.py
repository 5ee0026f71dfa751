"""Raw bytes: read back unaltered, kept once, and small where they are nearly those kept before."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.recording import record_document, record_fetch
from archive.rows import value
from archive.snapshots import body, record_snapshot
from archive.words import Document, Snapshot
from tests.builders import POLICY, fetch, new_archive

AWKWARD = (
    b"",
    b"\0",
    b"7 bytes",
    b"\x37\xa4\x30\xec dictionary magic",
    b"\x28\xb5\x2f\xfd frame magic",
    b"a" * 300_000,
)


def keep(db: Database, data: bytes, document: Document = POLICY) -> int:
    """The id of the snapshot, after the look that brought it."""
    record_fetch(db, record_document(db, document), 0, fetch(), Snapshot(data, "text/html"))
    return int(value(db, "SELECT id FROM snapshots WHERE sha256 = ?", Snapshot(data, "").sha256))


def prose(seed: int) -> bytes:
    """Text like a policy's: many words, often the same."""
    source = random.Random(seed)
    vocabulary = [f"{source.getrandbits(32):x}".encode() for _ in range(600)]
    return b" ".join(source.choices(vocabulary, k=4000))


def stored(db: Database, snapshot: int) -> tuple[int | None, int]:
    """The base of a snapshot, and how many bytes are kept for it."""
    [row] = db.query("SELECT base_id, length(zstd) AS size FROM bodies WHERE snapshot_id = ?", (snapshot,))
    return row["base_id"], row["size"]


def no_base_has_a_base(db: Database) -> bool:
    sql = "SELECT count(*) FROM bodies JOIN bodies bases ON bases.snapshot_id = bodies.base_id AND bases.base_id"
    return value(db, sql) == 0


def edited(data: bytes, places: list[int], words: bytes) -> bytes:
    """The data with words put in at some places."""
    for place in places:
        at = place % (len(data) + 1)
        data = data[:at] + words + data[at:]
    return data


@settings(max_examples=40)
@given(st.lists(st.binary() | st.sampled_from(AWKWARD), max_size=8))
def test_any_bytes_come_back(bodies: list[bytes]) -> None:
    with new_archive() as db:
        kept = [keep(db, data) for data in bodies]
        assert [body(db, identity) for identity in kept] == bodies
        assert value(db, "SELECT count(*) FROM bodies") == len(set(bodies))
        assert no_base_has_a_base(db)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.lists(st.integers(0), min_size=1, max_size=4), st.binary(max_size=30)), max_size=6))
def test_a_page_that_grows_comes_back(edits: list[tuple[list[int], bytes]]) -> None:
    pages = [prose(1)]
    for places, words in edits:
        pages.append(edited(pages[-1], places, words))
    with new_archive() as db:
        assert [body(db, keep(db, page)) for page in pages] == pages
        assert no_base_has_a_base(db)


def test_nearly_the_same_page_costs_nearly_nothing(db: Database) -> None:
    first = keep(db, prose(1))
    again = keep(db, edited(prose(1), [9000], b"a new sentence"))
    base, size = stored(db, again)
    assert base == first
    assert size * 50 < stored(db, first)[1]


def test_another_page_is_a_base_of_its_own(db: Database) -> None:
    kept = [keep(db, prose(1)), keep(db, prose(2)), keep(db, prose(2) + b" and more")]
    assert [stored(db, identity)[0] for identity in kept] == [None, None, kept[1]]


def test_a_page_is_packed_against_its_own_document(db: Database) -> None:
    keep(db, prose(1))
    other = keep(db, prose(1) + b" changed", Document("Brill", "Privacy Policy", "https://brill.example/"))
    assert stored(db, other)[0] is None


def test_the_same_bytes_are_kept_once(db: Database) -> None:
    document = record_document(db, POLICY)
    snapshot = Snapshot(b"<p>Hello", "text/html")
    assert record_snapshot(db, snapshot, document) == record_snapshot(db, snapshot, document)
    assert value(db, "SELECT count(*) FROM snapshots") == value(db, "SELECT count(*) FROM bodies") == 1


def test_a_snapshot_that_is_not_there(db: Database) -> None:
    with pytest.raises(LookupError, match="no snapshot 5"):
        body(db, 5)
