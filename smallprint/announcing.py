"""Tells the WebSub hub of the settings in which feeds there is something new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlite_utils import Database

from archive import outbox
from archive.settings import Telling


@contextmanager
def queued(telling: Telling, db: Database, say: Callable[[str], None], origin: str = "") -> Iterator[None]:
    """Tells it, where there is one, what was queued inside: that is what feeds have. `say` is told that it failed.

    That is all that comes of a failure: whoever reads a feed asks for it now and then.
    """
    before = set(outbox.unqueued(db, origin))
    yield
    told = before - set(outbox.unqueued(db, origin))
    if told and telling.hub and telling.site:
        from notify import feeds, hub  # not needed by most

        failure = hub.publish(telling.hub, feeds.addresses(db, told, feeds.place(telling)))
        if failure:
            say(failure)
