"""Keeps raw bytes once, compressed against an earlier snapshot of the same document, and gives them back unaltered."""

from __future__ import annotations

import zstandard
from sqlite_utils import Database

from archive.rows import insert, one, value
from archive.words import Snapshot

LEVEL = 6  # of zstd, for a page against its base and for a page alone: a page is compressed once
WORTH = 0.25  # a delta is kept where it is at most a quarter of the page compressed alone; else the page is a new base


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


def body(db: Database, snapshot_id: int) -> bytes:
    """The bytes of a snapshot, as they were received."""
    sql = "SELECT size, base_id, zstd FROM bodies JOIN snapshots ON snapshots.id = snapshot_id WHERE snapshot_id = ?"
    row = one(db, sql, snapshot_id)
    if row is None:
        raise LookupError(f"no snapshot {snapshot_id}")
    base = body(db, row["base_id"]) if row["base_id"] else b""
    return _decompressor(base).decompress(row["zstd"], max_output_size=row["size"])


class Packer:
    """Compresses the pages of one document, one after the other, against its newest page that stands alone."""

    def __init__(self, db: Database, document_id: int) -> None:
        self._base: int | None = _newest_base(db, document_id)
        self._content = body(db, self._base) if self._base else b""
        size = "SELECT length(zstd) FROM bodies WHERE snapshot_id = ?"
        self._packed = int(value(db, size, self._base)) if self._base else 0
        self._compressors: dict[int, zstandard.ZstdCompressor] = {}

    def pack(self, identity: int, data: bytes) -> tuple[int | None, bytes]:
        """The base's id, if one is worth it, and the compressed bytes of this snapshot."""
        if self._content:
            delta = self._against_base(data)
            # What the page would take alone is told by what its base took: packing it twice would cost as much again.
            if len(delta) * len(self._content) <= WORTH * self._packed * len(data):
                return self._base, delta
        packed = _compressor(b"", max(10, len(data).bit_length())).compress(data)
        self._base, self._content, self._packed, self._compressors = identity, data, len(packed), {}
        return None, packed

    def _against_base(self, data: bytes) -> bytes:
        """The window has to reach over both; a compressor is kept, as reading the base takes longer than the page."""
        window = max(10, (len(self._content) + len(data)).bit_length())
        if window not in self._compressors:
            self._compressors[window] = _compressor(self._content, window)
        return self._compressors[window].compress(data)


def _newest_base(db: Database, document_id: int) -> int | None:
    sql = """SELECT snapshot_id FROM bodies WHERE base_id IS NULL AND snapshot_id IN
             (SELECT snapshot_id FROM fetches WHERE document_id = ?) ORDER BY snapshot_id DESC LIMIT 1"""
    return value(db, sql, document_id)  # type: ignore[no-any-return]


def _compressor(base: bytes, window: int) -> zstandard.ZstdCompressor:
    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=min(window, 27))
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=_dictionary(base))


def _decompressor(base: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_dictionary(base), max_window_size=2**27)


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if base else None
