"""Lays out a digest as a letter: what was told, what was only recorded, what cannot be read, what applies soon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

from archive.digest import Digest, Entry, Section
from archive.frames import Frame
from archive.languages import marked
from archive.silences import NETWORK
from notify.layout import Reader, change_page
from notify.letter import Block, Item, Letter, Line

MOST = 100  # lines on documents; the rest is counted, and stays in the archive
MOST_TOGETHER = 20  # pushed changes that are named, as another's message told them


def letter(digest: Digest, reader: Reader, all_recorded: bool = True) -> Letter:
    """The letter on some days; without `all_recorded`, what was not pushed is left out."""
    frame = reader.frame
    recorded = list(_recorded(digest, reader)) if all_recorded else []
    parts = [_told(digest, reader), recorded, _silent(digest, frame), _soon(digest, reader)]
    blocks = [block for part in parts for block in part]
    return Letter(
        kind="digest",
        title=title(digest, frame),
        lead=tuple(blocks or [Line(frame.say("digest", "nothing"))]),
        frame=frame,
        url=reader.site,
        hashtags=reader.hashtags,
        data=asdict(digest if all_recorded else replace(digest, documents=())),
    )


def title(digest: Digest, frame: Frame) -> str:
    """How many changes there are, and of which days."""
    pushed = sum(entry.times for section in digest.told for entry in section.entries)
    said = [(pushed, "told"), (digest.changes, "not_pushed"), (len(digest.silent), "unread")]
    what = [_counted(frame, number, name) for number, name in said if number or name == "not_pushed"]
    return frame.say("digest", "title", since=digest.since[:10], until=digest.until[:10], what="; ".join(what))


def _told(digest: Digest, reader: Reader) -> Iterator[Block]:
    if digest.told:
        yield Line(reader.frame.say("digest", "pushed"), strong=True)
    for section in digest.told:
        yield Line(_heading(section))
        yield from (_pushed(entry, reader) for entry in section.entries)


def _recorded(digest: Digest, reader: Reader) -> Iterator[Block]:
    """The flagged first; then, in numbers, what else was decided."""
    if digest.documents:
        yield Line(reader.frame.say("digest", "recorded"), strong=True)
    lines, told = 0, 0
    for section in digest.documents:
        if lines >= MOST - 1:  # a document's name is never the last line
            break
        yield Line(_heading(section))
        entries = section.entries[: MOST - 1 - lines]
        yield from (_entry(entry, reader) for entry in entries)
        lines, told = lines + 1 + len(entries), told + sum(entry.times for entry in entries)
    if told < digest.changes:
        where = "" if reader.public else ": smallprint history SERVICE"
        yield Line(reader.frame.say("digest", "more", count=digest.changes - told) + where)
    yield from (Line(text) for text in _rest(digest, reader.frame))


def _silent(digest: Digest, frame: Frame) -> Iterator[Block]:
    if digest.silent:
        yield Line(frame.say("digest", "silent"), strong=True)
    for one in digest.silent:
        said = since(one.kind, one.since, one.detail, frame)
        yield Item(said if one.kind == NETWORK else f"{one.name}: {said}")


def since(kind: str, began: str, detail: str, frame: Frame) -> str:
    """Why something is not read, and since when."""
    name = frame.name("silence", "network_title" if kind == NETWORK else kind)
    said = frame.say("silence", "since", kind=name, since=began[:10], detail=detail)
    return said.rstrip(" :")


def _soon(digest: Digest, reader: Reader) -> Iterator[Block]:
    if digest.soon:
        yield Line(reader.frame.say("digest", "soon"), strong=True)
    for one in digest.soon:
        yield Item(f"{one.day}: {one.document}: {one.line}", change_page(one.change_id, reader.site))


def _heading(section: Section) -> str:
    return f"{section.document} ({marked(section.not_read)})" if section.not_read else section.document


def _pushed(entry: Entry, reader: Reader) -> Item:
    """What a change does and how much it matters."""
    severity = reader.frame.name("severity", entry.severity)
    return Item(f"{severity}: {entry.line}{_where(entry, reader)}", change_page(entry.change_id, reader.site))


def _entry(entry: Entry, reader: Reader) -> Item:
    """The line in plain words where there is one, what was decided and why, and where to look."""
    times = f", {reader.frame.say('digest', 'times', count=entry.times)}" if entry.times > 1 else ""
    until = f" {_until(entry.held_until, reader.frame)}" if entry.held_until else ""
    decided = f"{entry.decision}{times}{until}: {entry.reason}"
    severity = reader.frame.name("severity", entry.severity)
    said = f"{severity}: {entry.line} ({decided})" if entry.line else decided
    return Item(f"{said}{_where(entry, reader)}", change_page(entry.change_id, reader.site))


def _until(time: str, frame: Frame) -> str:
    return frame.say("digest", "until", time=f"{time[:16].replace('T', ' ')} UTC")


def _where(entry: Entry, reader: Reader) -> str:
    """The change's number, where no link leads to it and the reader has the archive."""
    return f" (change {entry.change_id})" if not reader.site and not reader.public else ""


def _rest(digest: Digest, frame: Frame) -> Iterator[str]:
    """What is told in numbers, and which pushed changes were told in the message of another."""
    for told in digest.together[:MOST_TOGETHER]:
        yield frame.say("digest", "together", document=told.document, other=told.told_with)
    if len(digest.together) > MOST_TOGETHER:
        yield frame.say("digest", "more_together", count=len(digest.together) - MOST_TOGETHER)
    if digest.first_seen:
        yield _counted(frame, digest.first_seen, "first_seen")
    if digest.read_anew:
        yield _counted(frame, digest.read_anew, "read_anew")


def _counted(frame: Frame, count: int, name: str) -> str:
    """A text that a number stands in; languages have one for a single one."""
    return frame.say("digest", f"{name}_one" if count == 1 else name, count=count)


def is_empty(digest: Digest, all_recorded: bool, pushes: bool) -> bool:
    """Whether it tells nothing that has to be told: of what was not pushed, and of what was."""
    return not (all_recorded and digest.documents) and not (pushes and digest.told)
