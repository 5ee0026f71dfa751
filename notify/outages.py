"""Queues what cannot be read any more, and what can be read again, together where it began or ended together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from sqlite_utils import Database

from archive import links, outbox, silences
from archive.rows import Row
from archive.silences import LINK, NETWORK, Sight, Silence
from archive.targets import Mode, Target
from notify import silence
from notify.wanting import watches


def queue_silences(db: Database, targets: Sequence[Target], after: timedelta, at: str) -> None:
    """Queues what could not be read for so long, and what was found again, as of a time; all in one transaction."""
    each = [target for target in targets if target.mode is Mode.EACH]
    with db.atomic():
        news = Outages(db, each, silence.watched(silences.sights(db), at))
        news.find_ends()
        news.tell_beginning(after)
        news.tell_ends(at)


class Outages:
    """What the looks say, against what was told."""

    def __init__(self, db: Database, targets: Sequence[Target], sights: Sequence[Sight]) -> None:
        self.db, self.targets, self.sights = db, targets, sights
        self.documents = {one.document_id: one for one in sights}
        self.links = links.dead(db)

    def find_ends(self) -> None:
        """Keeps which silences are over, and which nobody waits for any more."""
        silences.end_told(self.db, silence.forgotten(self.sights, silences.untold(self.db)))
        known = {one.id: one for one in silences.untold(self.db)}
        for identity, seen in silence.ended(self.sights, self.links, list(known.values())).items():
            silences.end(self.db, identity, seen)
            if not self._is_found(known[identity]):
                silences.end_told(self.db, [identity])

    def tell_beginning(self, after: timedelta) -> None:
        """One bulletin for all that have begun; one for the network, instead, where nothing can be reached."""
        known = silences.untold(self.db)
        network = silence.network_down(self.sights, known, after)
        rows = [network] if network else silence.begun(self.sights, self.links, known, after, silences.resumed(self.db))
        if not rows:
            return
        told = {"network": bool(network), "count": len(self.sights), "since": min(row["since"] for row in rows)}
        key = f"{told['since']} {'; '.join(sorted(_name(row) for row in rows))}"
        bulletin = self._queue("silence", key, told, rows)
        silences.begin(self.db, bulletin, rows)

    def tell_ends(self, at: str) -> None:
        """One bulletin for all documents and links that are found again, one for the network."""
        over = silence.to_tell(silences.untold(self.db), at)
        for some in ([one for one in over if (one.kind == NETWORK) is network] for network in (True, False)):
            if some:
                rows = [asdict(one) | {"until": one.ended_at} for one in some]
                told = {"network": some[0].kind == NETWORK, "since": min(one.since for one in some)}
                told |= {"until": max(one.ended_at or "" for one in some)}
                bulletin = self._queue("heard", " ".join(str(one.id) for one in some), told, rows)
                silences.end_told(self.db, [one.id for one in some], bulletin)

    def _is_found(self, one: Silence) -> bool:
        """Whether it is over because it was found again: a link may be given no more, and its end is no news."""
        return one.kind != LINK or one.document_id is None or links.is_alive(self.db, one.document_id, one.url)

    def _queue(self, kind: str, key: str, told: Row, rows: Sequence[Row]) -> int:
        """The bulletin's id; its targets are those that asked for one of the documents, all where it names none."""
        documents = [self._named(row) for row in rows if row["document_id"] in self.documents]
        wanting = [one.name for one in self.targets if not documents or _asked(one, documents)]
        return outbox.queue_bulletin(self.db, kind, key, told | {"documents": documents}, wanting)

    def _named(self, row: Row) -> Row:
        """A document as a bulletin tells it."""
        sight = self.documents[row["document_id"]]
        told: Row = {name: row[name] for name in ("kind", "since", "detail", "until") if name in row}
        told |= {"name": sight.name, "service": sight.service, "service_name": sight.service_name}
        return told | {"region": sight.region, "url": row["url"] or sight.url}


def _asked(target: Target, documents: Sequence[Row]) -> bool:
    return any(watches(target, one["service"], one["service_name"], one["region"]) for one in documents)


def _name(row: Row) -> str:
    """What a silence is told from others by."""
    return f"{row['document_id'] or ''} {row['url']}".strip()
