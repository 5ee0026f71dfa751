"""Keeps raw bytes once, compressed against an earlier snapshot of the same document, and gives them back unaltered."""

from __future__ import annotations

import zstandard
from sqlite_utils import Database

from archive.rows import insert, one, value
from archive.words import Snapshot

LEVEL = 9  # of zstd: about 60 MB/s here, and a page is compressed once
WORTH = 0.5  # a delta is kept where it is at most half of the page compressed alone; else the page is a new base


def record_snapshot(db: Database, snapshot: Snapshot, document_id: int) -> int:
    """The id of the snapshot, stored if its bytes are new. Idempotent."""
    known = value(db, "SELECT id FROM snapshots WHERE sha256 = ?", snapshot.sha256)
    if known:
        return int(known)
    with db.atomic():
        row = {"sha256": snapshot.sha256, "media_type": snapshot.media_type, "size": len(snapshot.body)}
        identity = insert(db, "snapshots", row)
        base, packed = _pack(db, snapshot.body, document_id)
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


def _pack(db: Database, data: bytes, document_id: int) -> tuple[int | None, bytes]:
    """The base's id, if one is worth it, and the compressed bytes."""
    alone = _compressor(b"", len(data)).compress(data)
    base = _newest_base(db, document_id)
    if base is None:
        return None, alone
    delta = _compressor(body(db, base), len(data)).compress(data)
    return (base, delta) if len(delta) <= WORTH * len(alone) else (None, alone)


def _newest_base(db: Database, document_id: int) -> int | None:
    sql = """SELECT snapshot_id FROM bodies WHERE base_id IS NULL AND snapshot_id IN
             (SELECT snapshot_id FROM fetches WHERE document_id = ?) ORDER BY snapshot_id DESC LIMIT 1"""
    return value(db, sql, document_id)  # type: ignore[no-any-return]


def _compressor(base: bytes, size: int) -> zstandard.ZstdCompressor:
    window = max(10, (len(base) + size).bit_length())
    parameters = zstandard.ZstdCompressionParameters.from_level(
        LEVEL, window_log=min(window, 27), enable_ldm=bool(base)
    )
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=_dictionary(base))


def _decompressor(base: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_dictionary(base), max_window_size=2**27)


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict | None:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if base else None
