"""Turns a change and its evidence into a line to cite it by."""

from __future__ import annotations

from collections.abc import Sequence

from archive.change_head import Head, Source
from pages.words import moment


def citation(change: Head, sources: Sequence[Source]) -> str:
    """Who, what, when, and the hashes by which text and page are found again; the address is put behind it."""
    kept = [source for source in sources if source.side == "after" and source.sha256]
    said = "Change seen" if change.before_seen_at else "First version, seen"
    parts = [f"{change.name}", f"{said} {moment(change.seen_at)}"]
    parts += [f"Recorded by {change.origin}{_record(kept)}"] if change.origin else []
    parts += ["Smallprint archive", f"Text SHA-256 {change.text_hash}"]
    return ". ".join([*parts, *(f"Page SHA-256 {source.sha256}" for source in kept[:1])]) + "."


def _record(sources: Sequence[Source]) -> str:
    names = [source.origin_id for source in sources if source.origin_id]
    return f" as {names[0]}" if names else ""
