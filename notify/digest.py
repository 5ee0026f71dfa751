"""Writes a digest as plain text: what was recorded and not pushed, a line each, document by document."""

from __future__ import annotations

from collections.abc import Iterator

from archive.digest import Digest, Entry, Section
from archive.languages import marked

MOST = 100  # lines on documents; the rest is counted, and stays in the archive
MOST_TOGETHER = 20  # pushed changes that are named, as another's message told them


def title(digest: Digest) -> str:
    """How many changes there are, and of which days."""
    days = f"{digest.since[:10]} to {digest.until[:10]}"
    return f"Digest of {days}: {_number(digest.changes, 'change')} recorded, not pushed"


def body(digest: Digest) -> str:
    """The lines, the flagged first; then, in numbers, what else was decided."""
    lines, told = list[str](), 0
    for line, changes in _lines(digest):
        if len(lines) >= MOST - (changes == 0):  # a document's name is never the last line
            break
        lines.append(line)
        told += changes
    if told < digest.changes:
        lines += ["", f"… and {digest.changes - told} more: smallprint history SERVICE"]
    rest = list(_rest(digest))
    return "\n".join([*lines, *([""] if lines and rest else []), *rest]) or "Nothing was recorded."


def _lines(digest: Digest) -> Iterator[tuple[str, int]]:
    """Each line with the number of changes that it tells of."""
    for section in digest.documents:
        yield _heading(section), 0
        for entry in section.entries:
            yield f"  {_told(entry)}", entry.times


def _heading(section: Section) -> str:
    return f"{section.document} ({marked(section.not_read)})" if section.not_read else section.document


def _told(entry: Entry) -> str:
    """The line in plain words where there is one, what was decided and why, and where to look."""
    times = f", {entry.times} times" if entry.times > 1 else ""
    until = f" until {entry.held_until[:16].replace('T', ' ')} UTC" if entry.held_until else ""
    decided = f"{entry.decision}{times}{until}: {entry.reason}"
    where = f"change {entry.change_id}"
    return f"{entry.severity}: {entry.line} ({decided}; {where})" if entry.line else f"{decided} ({where})"


def _rest(digest: Digest) -> Iterator[str]:
    """What is told in numbers, and which pushed changes were told in the message of another."""
    if digest.pushed:
        yield f"{_number(digest.pushed, 'change')} pushed."
    for told in digest.together[:MOST_TOGETHER]:
        yield f"  {told.document} (change {told.change_id}) was told with {told.told_with} (change {told.told_in})."
    if len(digest.together) > MOST_TOGETHER:
        yield f"  … and {len(digest.together) - MOST_TOGETHER} more were told with others."
    if digest.first_seen:
        yield f"{_number(digest.first_seen, 'document')} recorded for the first time."
    if digest.read_anew:
        yield f"{_number(digest.read_anew, 'document')} read anew, with newer rules."


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
