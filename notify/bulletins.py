"""Lays out as letters what is told beside changes: reminders, silences and their ends, dead targets, signs of life."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from archive.rows import Row
from archive.silences import LINK
from archive.targets import Target
from notify.digest import since
from notify.layout import Reader
from notify.letter import Block, Item, Letter, Line
from notify.wanting import watches

MOST = 20  # documents named


def letter(row: Row, target: Target, reader: Reader, change: Callable[[int], Letter | None]) -> Letter:
    """The letter of a bulletin's row (kind, told as JSON, change_id); `change` gives that of a change."""
    told = json.loads(row["told"])
    if row["kind"] == "reminder":
        return _reminder(told, change(row["change_id"]), reader)
    written = _WRITERS[row["kind"]](told, target, reader)
    return replace(written, data=told, hashtags=reader.hashtags)


def _reminder(told: Row, about: Letter | None, reader: Reader) -> Letter:
    """The change's own letter under another heading."""
    said = {"who": told["document"], "day": told["day"], "seen": told["told_at"][:10], "days": told["days"]}
    title, lead = (reader.frame.say("reminder", name, **said) for name in ("title", "lead"))
    first = Line(lead, strong=True)
    if about is None:
        return Letter("reminder", title, (first,), reader.frame)
    data = {"reminder": told} | dict(about.data)
    return replace(about, kind="reminder", title=title, lead=(first, *about.lead), data=data)


def _silence(told: Row, target: Target, reader: Reader) -> Letter:
    frame, mine = reader.frame, _wanted(told["documents"], target)
    if told["network"]:
        lead = frame.say("silence", "network", since=_moment(told["since"]), count=told["count"])
        return Letter("silence", frame.say("silence", "network_title"), (Line(lead),), frame)
    items = [f"{one['name']}: {since(one['kind'], one['since'], one['detail'], frame)}" for one in mine]
    blocks = (Line(frame.say("silence", f"lead{_kind(mine)}")), *_listed(items, [one["url"] for one in mine], reader))
    return Letter("silence", frame.say("silence", f"title{_kind(mine)}", what=_what(mine, reader)), blocks, frame)


def _heard(told: Row, target: Target, reader: Reader) -> Letter:
    frame, mine = reader.frame, _wanted(told["documents"], target)
    said = {"since": _moment(told["since"]), "until": _moment(told["until"])}
    if told["network"]:
        lead = frame.say("heard", "network", **said)
        return Letter("heard", frame.say("heard", "network_title"), (Line(lead),), frame)
    items = [f"{one['name']}: {_again(one, reader)}" for one in mine]
    blocks = (Line(frame.say("heard", f"lead{_kind(mine)}")), *_listed(items, [one["url"] for one in mine], reader))
    return Letter("heard", frame.say("heard", f"title{_kind(mine)}", what=_what(mine, reader)), blocks, frame)


def _kind(documents: Sequence[Row]) -> str:
    """Links have words of their own, where there is nothing else."""
    return "_link" if all(one["kind"] == LINK for one in documents) else ""


def _again(one: Row, reader: Reader) -> str:
    if one["kind"] == LINK:
        return reader.frame.say("heard", "link")
    return reader.frame.say("heard", "again", since=_moment(one["since"]), until=_moment(one["until"]))


def _dead(told: Row, target: Target, reader: Reader) -> Letter:
    frame = reader.frame
    lead = [Line(frame.say("dead", "lead", **told)), Line(frame.say("dead", "mend", **told))]
    return Letter("dead", frame.say("dead", "title", **told), tuple(lead), frame)


def _watching(told: Row, target: Target, reader: Reader) -> Letter:
    lead = Line(reader.frame.say("watching", "lead", **told))
    return Letter("watching", reader.frame.say("watching", "title"), (lead,), reader.frame, url=reader.site)


def _wanted(documents: Sequence[Row], target: Target) -> list[Row]:
    """Those of the services and regions that the target has asked for; all where settings have changed since."""
    mine = [one for one in documents if watches(target, one["service"], one["service_name"], one["region"])]
    return mine or list(documents)


def _what(documents: Sequence[Row], reader: Reader) -> str:
    """One by its name, several by their number."""
    if len(documents) == 1:
        return str(documents[0]["name"])
    return reader.frame.say("silence", "documents", count=len(documents))


def _listed(items: Sequence[str], urls: Sequence[str], reader: Reader) -> Iterator[Block]:
    yield from (Item(text, url) for text, url in list(zip(items, urls, strict=True))[:MOST])
    if len(items) > MOST:
        yield Item(reader.frame.say("silence", "more", count=len(items) - MOST))


def _moment(time: str) -> str:
    """A time of the archive for people: "2026-11-22 08:00 UTC"."""
    return f"{time[:16].replace('T', ' ')} UTC"


_WRITERS: dict[str, Callable[[Row, Target, Reader], Letter]] = {
    "silence": _silence,
    "heard": _heard,
    "dead": _dead,
    "watching": _watching,
}
