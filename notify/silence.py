"""Decides which silences have begun or ended, so that each is told once at its start and once at its end, together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from archive.links import DeadLink
from archive.rows import Row
from archive.silences import LINK, NETWORK, Sight, Silence
from archive.words import Outcome

FEWEST = 3  # hosts: where fewer are watched and none answers, it may as well be they
PATIENCE = timedelta(days=1)  # so long, an end waits for those that began with it
FORGOTTEN = timedelta(days=45)  # no look for so long: it is watched no more
KINDS = {
    Outcome.BLOCKED: "blocked",
    Outcome.REFUSED: "blocked",
    Outcome.UNEXTRACTABLE: "broken",
    Outcome.SUSPECT: "broken",
}


def begun(
    sights: Sequence[Sight], links: Iterable[DeadLink], known: Sequence[Silence], after: timedelta, resumed: str
) -> list[Row]:
    """The silences to tell now, as rows of the archive: none while the network is down.

    Once one has lasted for `after`, those that have for half as long are told with it. What began before `resumed`,
    when the network came back, began then.
    """
    lasting = {(one.document_id, one.url) for one in known if one.ended_at is None}
    if (None, "") in lasting:
        return []
    names = {one.document_id: one for one in sights}
    found = [_unread(one, resumed) for one in sights if one.since and (one.document_id, "") not in lasting]
    ends = [(row, _time(names[int(row["document_id"])].at)) for row in found]
    ends += [
        (_dead(link), _time(link.since) + after)  # a dead link has been looked at twice
        for link in links
        if link.document_id in names and (link.document_id, link.url) not in lasting
    ]
    if not any(at - _time(row["since"]) >= after for row, at in ends):
        return []
    return [row for row, at in ends if at - _time(row["since"]) >= after / 2]


def network_down(sights: Sequence[Sight], known: Sequence[Silence], after: timedelta) -> Row | None:
    """The silence of everything, where no document was reached for so long: it is our own network then."""
    if any(one.kind == NETWORK and one.ended_at is None for one in known):
        return None
    unreached = [one for one in sights if one.since and one.outcome is Outcome.UNREACHABLE]
    if len(unreached) < len(sights) or len({one.host for one in unreached}) < FEWEST:
        return None
    since = max(one.since for one in unreached)
    if max(_time(one.at) for one in unreached) - _time(since) < after:
        return None
    return {"document_id": None, "kind": NETWORK, "url": "", "detail": "", "since": since}


def ended(sights: Sequence[Sight], links: Iterable[DeadLink], known: Sequence[Silence]) -> dict[int, str]:
    """Of the silences that lasted, those that are over, by their ids: when they were found to be."""
    seen = {one.document_id: one.at for one in sights if not one.since}
    dead = {(link.document_id, link.url) for link in links}
    at = dict[int, str]()
    for one in (one for one in known if one.ended_at is None):
        if one.kind == NETWORK:
            reached = [sight.at for sight in sights if not sight.since or sight.outcome is not Outcome.UNREACHABLE]
            at |= {one.id: max(reached)} if reached else {}
        elif one.kind == LINK and (one.document_id, one.url) not in dead:
            at[one.id] = max((sight.at for sight in sights if sight.document_id == one.document_id), default=one.since)
        elif one.kind != LINK and one.document_id in seen:
            at[one.id] = seen[one.document_id]
    return at


def watched(sights: Sequence[Sight], now: str) -> list[Sight]:
    """Those of documents that are still looked at."""
    return [one for one in sights if _time(now) - _time(one.at) <= FORGOTTEN]


def forgotten(sights: Sequence[Sight], known: Sequence[Silence]) -> list[int]:
    """The silences of documents that are not watched any more, by their ids."""
    documents = {None, *(one.document_id for one in sights)}
    return [one.id for one in known if one.ended_at is None and one.document_id not in documents]


def to_tell(known: Sequence[Silence], now: str) -> list[Silence]:
    """The ends to tell now: of those that were told together all, once all are over or the first was a day ago."""
    groups = dict[int, list[Silence]]()
    for one in known:
        groups.setdefault(one.told_in, []).append(one)
    return [one for group in groups.values() for one in _over(group, now)]


def _over(group: Sequence[Silence], now: str) -> list[Silence]:
    over = [one for one in group if one.ended_at]
    waited = any(_time(now) - _time(one.ended_at or now) >= PATIENCE for one in over)
    return over if waited or len(over) == len(group) else []


def _unread(one: Sight, resumed: str) -> Row:
    since = max(one.since, resumed)
    kind = KINDS.get(one.outcome, "unreadable")
    return {"document_id": one.document_id, "kind": kind, "url": "", "detail": one.detail, "since": since}


def _dead(link: DeadLink) -> Row:
    row = {"document_id": link.document_id, "kind": LINK, "url": link.url}
    return row | {"detail": link.detail, "since": link.since}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
