"""Turns how the last looks at documents went into when each of them is due next, and into what has to wait for a host.

Nothing here is stored: the same archive gives the same times, so a restart changes nothing. All times are aware (UTC).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from archive.looks import Look, Waiting
from archive.words import Outcome

WEEK = timedelta(days=7)
FRESH = timedelta(days=3)  # so long after a change we look more often
QUIET = timedelta(days=30)  # so long without a change, and we look less and less often
QUICKEST, SLOWEST = 1 / 4, 4.0  # times the interval
JITTER = 0.1  # of a wait, to both sides
FIRST_RETRY, LAST_RETRY = 1 / 12, 2.0  # times the interval, for a page that could not be read
FIRST_BLOCK = 1 / 2  # times the interval, for a page that its host refused
ROBOTS = timedelta(days=1)  # at least, after robots.txt said no
CLOCK = timedelta(minutes=1)  # a look that is further ahead than this was taken before the clock was set back
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str, str]  # the service's id, the document's type and region
Host = tuple[str, str]  # a host's name, and the name of the proxy it is asked by ("" for none)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document, as declared."""

    url: str
    proxy: str = ""

    @property
    def host(self) -> Host:
        """Who answers for it."""
        return (urlsplit(self.url).hostname or "", self.proxy)


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a host, or the host of one page, wants to be left alone, and how it said so."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Due:
    """When a document is due next. `wait` is set where a host has asked for this, so that nobody may ask earlier."""

    at: datetime
    wait: Wait | None = None


def plan(
    documents: Mapping[Key, Sequence[Page]],
    looks: Iterable[Look],
    waiting: Sequence[Waiting],
    interval: timedelta,
    now: datetime,
) -> dict[Key, Due]:
    """When each document is due. One that is new, or has a page that was never looked at, is due at once.

    What waits may bring a document's time closer, but no host is asked earlier than it wants to be.
    """
    known = {(key_of(look), look.part): look for look in looks if _moment(look.at) <= now + CLOCK}
    hosts = _hosts(known.values(), interval)
    return {
        key: _from(now, _due([known.get((key, part)) for part in range(len(pages))], pages, hosts, waiting, interval))
        for key, pages in documents.items()
    }


def key_of(look: Look) -> Key:
    """The document that was looked at."""
    return (look.service, look.type, look.region)


def pages_of(looks: Iterable[Look]) -> dict[Key, list[Page]]:
    """The documents that were looked at, each with its pages in order."""
    found = dict[Key, list[Page]]()
    for look in looks:
        found.setdefault(key_of(look), []).append(Page(look.url, look.proxy))
    return found


def next_look(look: Look, interval: timedelta) -> datetime:
    """When a page is to be looked at again, by its own history alone."""
    if look.outcome.seen:
        wait = interval * _pace(look)
    elif look.outcome is Outcome.BLOCKED:
        wait = _blocked(look, interval)
    elif look.outcome is Outcome.REFUSED:
        wait = max(ROBOTS, interval)
    else:
        wait = interval * min(LAST_RETRY, FIRST_RETRY * _doubled(look.failed))
    return max(_moment(look.at) + wait * _jitter(look), _told_to(look))


def resting(looks: Iterable[Look], interval: timedelta, now: datetime) -> set[Host]:
    """The hosts that want to be left alone now, whatever they are asked for."""
    known = [look for look in looks if _moment(look.at) <= now + CLOCK]
    return {host for host, wait in _hosts(known, interval).items() if wait.until > now}


def retry_after(header: str, at: datetime) -> timedelta:
    """How long a Retry-After header of an answer at this time asks to wait: seconds or an HTTP date; a week at most."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(WEEK, timedelta(seconds=min(int(text[:9]), WEEK.total_seconds())))
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return timedelta()
    wait = (then if then.tzinfo else then.replace(tzinfo=UTC)) - at
    return min(WEEK, max(timedelta(), wait))


def _due(
    looks: Sequence[Look | None],
    pages: Sequence[Page],
    hosts: Mapping[Host, Wait],
    waiting: Sequence[Waiting],
    interval: timedelta,
) -> Due:
    """The document's pages are fetched together: the one that is in the worst state sets the time."""
    waits = [hosts[page.host] for page in pages if page.host in hosts]
    present = [look for look, page in zip(looks, pages, strict=True) if look and look.url == page.url]
    waits += [wait for look in present if (wait := _own_wait(look, interval))]
    wait = max(waits, key=lambda one: one.until, default=None)
    at = LONG_AGO
    if present and len(present) == len(pages):
        at = min([next_look(max(present, key=_badness), interval), *_again(present, waiting)])
    return Due(max(at, wait.until) if wait else at, wait)


def _again(looks: Sequence[Look], waiting: Iterable[Waiting]) -> list[datetime]:
    """The times at which changes that wait want the document to be looked at again."""
    first = min(looks, key=lambda look: look.at)
    return [_moment(one.until) for one in waiting if _is_wanted(one, first)]


def _is_wanted(one: Waiting, look: Look) -> bool:
    """Whether a change that waits wants another look at a document after this one.

    At its own document, until one came when it was due. For a change that is held, at the others of the service or its
    owner too, until one came since it was seen: they may have the same edit, and all are told at once.
    """
    if (one.service, one.type, one.region) == key_of(look):
        return look.at < one.until
    is_like = one.service == look.service or (one.owner != "" and one.owner == look.owner)
    return one.held and is_like and look.at < min(one.since, one.until)


def _from(now: datetime, due: Due) -> Due:
    """The same without a wait that is over."""
    return due if due.wait and due.wait.until > now else Due(due.at)


def _badness(look: Look) -> tuple[int, str]:
    """Pages by how much they keep the document from being read; among equals the last one looked at."""
    worst = (Outcome.BLOCKED, Outcome.REFUSED)
    return (0 if look.outcome.seen else 1 + (look.outcome in worst) + (look.outcome is worst[0]), look.at)


def _hosts(looks: Iterable[Look], interval: timedelta) -> dict[Host, Wait]:
    """The hosts that wait as a whole: those that said Retry-After, and those that refuse every page that we know."""
    by_host = dict[Host, list[Look]]()
    for look in looks:
        by_host.setdefault(Page(look.url, look.proxy).host, []).append(look)
    return {host: wait for host, found in by_host.items() if (wait := _host_wait(found, interval))}


def _host_wait(looks: Sequence[Look], interval: timedelta) -> Wait | None:
    waits = [Wait(told, _why(look)) for look in looks if (told := _told_to(look)) > LONG_AGO]
    if all(look.outcome is Outcome.BLOCKED for look in looks):
        waits += [wait for look in looks if (wait := _own_wait(look, interval))]
    return max(waits, key=lambda wait: wait.until, default=None)


def _own_wait(look: Look, interval: timedelta) -> Wait | None:
    """Of a page that its host refused: until when it is left alone, whatever becomes of the host's others."""
    return Wait(next_look(look, interval), _why(look)) if look.outcome is Outcome.BLOCKED else None


def _why(look: Look) -> str:
    """What the host said, without the time that is told beside it."""
    return look.detail.partition(";")[0]


def _told_to(look: Look) -> datetime:
    """When the host asked us to come back; long ago where it did not say."""
    at = _moment(look.at)
    wait = retry_after(look.retry_after, at) if look.retry_after else timedelta()
    return at + wait if wait else LONG_AGO


def _pace(look: Look) -> float:
    """How many intervals to wait: fewer after a change of what had stood for long, more where nothing changes.

    A page that changes all the time (it flips between variants) is no news, and is looked at as often as any other.
    """
    if not look.changed_at:
        return 1.0
    changed, quiet = _moment(look.changed_at), _moment(look.at) - _moment(look.changed_at)
    if quiet < FRESH:
        stood = changed - _moment(look.before_at) if look.before_at else timedelta()
        return QUICKEST if stood >= FRESH else 1.0
    return min(SLOWEST, max(1.0, quiet / QUIET))


def _blocked(look: Look, interval: timedelta) -> timedelta:
    return interval * min(FIRST_BLOCK * _doubled(look.blocked), WEEK / interval)


def _doubled(times: int) -> float:
    """1 for the first time, 2 for the second, 4, 8...: far enough for every bound."""
    return float(2 ** min(max(times, 1) - 1, 30))


def _jitter(look: Look) -> float:
    """A factor near 1 of this page and look alone: documents drift apart, and a restart changes nothing."""
    told = "\n".join((*key_of(look), str(look.part), look.at))
    number = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4]) / 2**32
    return 1 - JITTER + 2 * JITTER * number


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
