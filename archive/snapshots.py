"""Keeps raw bytes once, compressed against an earlier snapshot of the same document, and gives them back unaltered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from zlib import crc32

import zstandard
from sqlite_utils import Database

from archive.rows import insert, one, value
from archive.words import Snapshot

LEVEL = 3  # of zstd, for a page against another and for a page alone
WORTH = 0.5  # a delta is kept where it is at most half of the page compressed alone; else the page stands alone
DEPTH = 16  # so many deltas, one upon the other, are undone to read a page
RECENT = 8  # a page is compressed against one of so many before it: a document has parts, and flips between variants
ROOM = 2**24  # bytes that those may have together; the newest is kept however long it is
NOTHING: Mapping[int, bytes] = MappingProxyType({})


@dataclass
class _Page:
    """A snapshot that others may be compressed against."""

    identity: int
    content: bytes
    depth: int = 0  # how many deltas it is read through
    root: int = 0  # the snapshot at their end, which stands alone
    rate: float = 0.0  # what a byte takes there

    @cached_property
    def lines(self) -> frozenset[int]:
        """What tells pages apart quickly: the checksums of their lines and of what stands between the marks of HTML."""
        return frozenset(map(crc32, self.content.replace(b"<", b"\n").split(b"\n")))

    def likeness(self, other: _Page) -> int:
        """How many lines are in both."""
        return len(self.lines & other.lines)


def record_snapshot(db: Database, snapshot: Snapshot, document_id: int, packer: Packer | None = None) -> int:
    """The id of the snapshot, stored if its bytes are new. Idempotent. `packer` is the document's, if there is one."""
    sha256 = snapshot.sha256
    known = value(db, "SELECT id FROM snapshots WHERE sha256 = ?", sha256)
    if known:
        return int(known)
    with db.atomic():
        row = {"sha256": sha256, "media_type": snapshot.media_type, "size": len(snapshot.body)}
        identity = insert(db, "snapshots", row)
        base, packed = (packer or Packer(db, document_id)).pack(identity, snapshot.body)
        insert(db, "bodies", {"snapshot_id": identity, "base_id": base, "zstd": packed})
    return identity


def body(db: Database, snapshot_id: int, known: Mapping[int, bytes] = NOTHING) -> bytes:
    """The bytes of a snapshot, as they were received. `known` are those of others, which are not read again."""
    deltas = []
    base: int | None = snapshot_id
    while base and base not in known:
        row = one(db, _BODY, base)
        if row is None:
            raise LookupError(f"no snapshot {snapshot_id}")
        deltas.append(row)
        base = row["base_id"]
    content = known[base] if base else b""
    for delta in reversed(deltas):
        content = _decompressor(content).decompress(delta["zstd"], max_output_size=delta["size"])
    return content


class Packer:
    """Compresses the pages of one document, one after the other, each against the likest of those before it."""

    def __init__(self, db: Database, document_id: int) -> None:
        self._db, self._document = db, document_id

    @cached_property
    def _pages(self) -> list[_Page]:
        """What there is to choose from, the oldest first."""
        return _recent(self._db, self._document)

    def pack(self, identity: int, data: bytes) -> tuple[int | None, bytes]:
        """The base's id, if one is worth it, and the compressed bytes of this snapshot."""
        page = _Page(identity, data)
        base = self._nearest(page)
        if base:
            delta = _compressed(data, base.content)
            # What the page would take alone is told by what another took: packing it twice would cost as much again.
            if len(delta) <= WORTH * base.rate * len(data):
                page.depth, page.root, page.rate = base.depth + 1, base.root, base.rate
                self._keep(page)
                return base.identity, delta
        packed = _compressed(data)
        page.root, page.rate = identity, len(packed) / max(len(data), 1)
        self._keep(page)
        return None, packed

    def _nearest(self, new: _Page) -> _Page | None:
        """The likest page, of several the newest; where it is too far from its root, that root."""
        if not self._pages:
            return None
        # One alone is the likest, whatever its lines are.
        found = self._pages[0]
        if len(self._pages) > 1:
            found = max(reversed(self._pages), key=lambda page: page.likeness(new))
        if found.depth < DEPTH:
            return found
        return _Page(found.root, body(self._db, found.root), 0, found.root, found.rate)

    def _keep(self, page: _Page) -> None:
        if page.content:
            self._pages.append(page)
        sizes = [len(kept.content) for kept in self._pages]
        while len(sizes) > RECENT or (len(sizes) > 1 and sum(sizes) > ROOM):
            del self._pages[0], sizes[0]


def _recent(db: Database, document_id: int) -> list[_Page]:
    """The newest snapshots of a document, as a packer that has made them holds them."""
    rows = list(db.query(_NEWEST, (document_id, RECENT)))
    contents, pages = dict[int, bytes](), list[_Page]()
    while len(rows) > 1 and sum(row["size"] for row in rows) > ROOM:
        rows.pop()
    for row in reversed(rows):
        identity = int(row["id"])
        contents[identity] = body(db, identity, contents)
        depth, root, rate = _origin(db, identity)
        pages.append(_Page(identity, contents[identity], depth, root, rate))
    return pages


def _origin(db: Database, snapshot_id: int) -> tuple[int, int, float]:
    """How deep a snapshot lies, the one that it ends on, and what a byte takes there."""
    row = one(db, _ROOT, snapshot_id)
    assert row  # noqa: S101  (it was read just before)
    return row["depth"], row["id"], row["packed"] / row["size"]


def _compressed(data: bytes, base: bytes = b"") -> bytes:
    """The window has to reach over both, and the table must have room for what stands in the base."""
    window = min(max(10, (len(base) + len(data)).bit_length()), 27)
    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=window, hash_log=min(window - 2, 22))
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=_dictionary(base)).compress(data)


def _decompressor(base: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_dictionary(base), max_window_size=2**27)


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if base else None


_BODY = "SELECT size, base_id, zstd FROM bodies JOIN snapshots ON snapshots.id = snapshot_id WHERE snapshot_id = ?"
_NEWEST = """SELECT id, size FROM snapshots WHERE size > 0
             AND id IN (SELECT snapshot_id FROM fetches WHERE document_id = ?) ORDER BY id DESC LIMIT ?"""
_ROOT = """WITH RECURSIVE chain(id, depth) AS (
               VALUES (?, 0)
               UNION ALL
               SELECT base_id, depth + 1 FROM chain JOIN bodies ON snapshot_id = chain.id WHERE base_id IS NOT NULL)
           SELECT chain.id, depth, length(zstd) AS packed, size FROM chain
           JOIN bodies ON snapshot_id = chain.id JOIN snapshots ON snapshots.id = chain.id
           ORDER BY depth DESC LIMIT 1"""
