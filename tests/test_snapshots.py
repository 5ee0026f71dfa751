"""Raw bytes: read back unaltered, kept once, and small where they are nearly those kept before."""

from __future__ import annotations

import random

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.recording import record_document, record_fetch
from archive.rows import value
from archive.snapshots import DEPTH, RECENT, ROOM, Packer, body, record_snapshot
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


def depth(db: Database, snapshot: int) -> int:
    """How many deltas a snapshot is read through."""
    base, _ = stored(db, snapshot)
    return depth(db, base) + 1 if base else 0


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


@settings(max_examples=15)
@given(st.lists(st.tuples(st.lists(st.integers(0), min_size=1, max_size=4), st.binary(max_size=30)), max_size=24))
def test_a_page_that_grows_comes_back(edits: list[tuple[list[int], bytes]]) -> None:
    pages = [prose(1)]
    for places, words in edits:
        pages.append(edited(pages[-1], places, words))
    with new_archive() as db:
        kept = [keep(db, page) for page in pages]
        assert [body(db, identity) for identity in kept] == pages
        assert max(depth(db, identity) for identity in kept) <= DEPTH


def test_nearly_the_same_page_costs_nearly_nothing(db: Database) -> None:
    first = keep(db, prose(1))
    again = keep(db, edited(prose(1), [9000], b"a new sentence"))
    base, size = stored(db, again)
    assert base == first
    assert size * 50 < stored(db, first)[1]


def test_another_page_is_a_base_of_its_own(db: Database) -> None:
    kept = [keep(db, prose(1)), keep(db, prose(2)), keep(db, prose(2) + b" and more")]
    assert [stored(db, identity)[0] for identity in kept] == [None, None, kept[1]]


def test_a_page_is_packed_against_the_one_before(db: Database) -> None:
    pages = [prose(1)]
    for number in range(2 * DEPTH):
        pages.append(edited(pages[-1], [number * 900], b"\nsentence %d\n" % number))
    kept = [keep(db, page) for page in pages]
    straight = list(range(DEPTH + 1))
    assert [depth(db, identity) for identity in kept] == [*straight, *straight[1:]]
    assert [stored(db, identity)[0] for identity in kept[1 : DEPTH + 2]] == [*kept[:DEPTH], kept[0]]
    assert sum(stored(db, identity)[1] for identity in kept[1:]) * 4 < stored(db, kept[0])[1]
    assert [body(db, identity) for identity in kept] == pages


def test_pages_that_take_turns_are_packed_against_their_own_kind(db: Database) -> None:
    kinds = [b"\n".join(prose(seed).split(b" ")) for seed in (1, 2, 3)]
    kept = [keep(db, kinds[n % 3] + b"\nvisit %d" % n) for n in range(12)]
    assert [stored(db, identity)[0] for identity in kept] == [None] * 3 + kept[:-3]


def test_what_many_pages_have_in_common_is_not_kept_again_for_each_kind(db: Database) -> None:
    frame, menus = prose(1).replace(b" ", b"\n"), [prose(seed)[:3000].replace(b" ", b"\n") for seed in (2, 3)]
    kept = [keep(db, frame + menus[n % 2] + b"\nvisit %d" % n) for n in range(8)]
    assert stored(db, kept[1])[0] == kept[0]
    assert [stored(db, identity)[0] for identity in kept[2:]] == kept[:-2]


def test_a_packer_goes_on_as_one_that_made_the_pages(db: Database) -> None:
    pages = [prose(n % 3) + b"\nvisit %d" % n for n in range(4 * RECENT)]
    document = record_document(db, POLICY)
    other = record_document(db, Document("Brill", "Privacy Policy", "https://brill.example/"))
    packer = Packer(db, document)
    for page in pages:
        record_snapshot(db, Snapshot(page, "text/html"), document, packer)
        record_fetch(db, other, 0, fetch(), Snapshot(page + b"!", "text/html"))
    rows = list(db.query("SELECT snapshot_id, base_id, length(zstd) AS size FROM bodies ORDER BY 1"))
    bases = [row["base_id"] and row["base_id"] - row["snapshot_id"] for row in rows]
    assert bases[::2] == bases[1::2]
    assert all(abs(one["size"] - two["size"]) < 9 for one, two in zip(rows[::2], rows[1::2], strict=True))


def test_long_pages_are_not_all_held(db: Database) -> None:
    first, second = (random.Random(seed).randbytes(ROOM // 2 + 1) for seed in (1, 2))
    kept = [keep(db, first), keep(db, second), keep(db, second + b"more"), keep(db, first + b"more")]
    assert [stored(db, identity)[0] for identity in kept] == [None, None, kept[1], None]
    assert body(db, kept[2]) == second + b"more"


def test_an_archive_whose_bases_stand_alone_is_read_and_continued(db: Database) -> None:
    pages = [prose(1) + b"\nvisit %d" % n for n in range(4)]
    kept = [keep(db, page) for page in pages[:3]]
    dictionary = zstandard.ZstdCompressionDict(pages[0], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    delta = zstandard.ZstdCompressor(level=6, dict_data=dictionary).compress(pages[2])
    db.execute("UPDATE bodies SET base_id = ?, zstd = ? WHERE snapshot_id = ?", (kept[0], delta, kept[2]))
    kept.append(keep(db, pages[3]))
    assert [body(db, identity) for identity in kept] == pages
    assert stored(db, kept[3])[0] == kept[2]


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
