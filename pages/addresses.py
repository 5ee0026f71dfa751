"""Where each page of the site is found: the only place that puts such an address together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

# Ours lie below /-/, where no database can be.
OURS = re.compile(
    r"/(?:-/(?:front\.json|(?:change|version|between|document|passage|services?|search|health|snapshot)(?:[/.].*)?))?"
)


class Addresses:
    """Addresses as links need them, in templates under the name `to`."""

    def __init__(self, placed: Callable[[str], str], editions: Mapping[str, str] | None = None) -> None:
        """`placed` puts what the site lies below in front of a path that begins without a slash.

        `editions` has what tells today's content of a file from any other, by the file's name.
        """
        self._placed, self._editions = placed, editions or {}

    def front(self, **asked: object) -> str:
        """The front page, with filters: topic, effect, service, region, severity, since, until, page."""
        return self._with(self._placed("") or "/", asked)

    def services(self, topic: str = "") -> str:
        """All services, side by side on a topic; AI training if none is named."""
        return self._placed(f"-/services/{topic}".rstrip("/"))

    def service(self, slug: str) -> str:
        """A service, by the name that `archive.feeds.slugs` gives its key."""
        return self._placed(f"-/service/{slug}")

    def document(self, number: int, part: int = 1) -> str:
        """A document's newest text."""
        return self._placed(f"-/document/{number}{_part(part)}")

    def document_at(self, number: int) -> str:
        """Where to ask for its text as of a date."""
        return self._placed(f"-/document/{number}/at")

    def document_between(self, number: int) -> str:
        """Where to ask for its texts of two dates against each other."""
        return self._placed(f"-/document/{number}/between")

    def version(self, number: int, part: int = 1) -> str:
        """One text of a document."""
        return self._placed(f"-/version/{number}{_part(part)}")

    def between(self, before: int, after: int, part: int = 1) -> str:
        """Two texts of a document against each other, by the ids of the versions."""
        return self._placed(f"-/between/{before}/{after}{_part(part)}")

    def change(self, number: int, view: str = "", part: int = 1, at: str = "") -> str:
        """One change: inline, or in the view "side-by-side" or "whole"; a part of it, and the place there."""
        parts = [str(number), *([view] if view else []), *(["part", str(part)] if part > 1 else [])]
        return self._placed(f"-/change/{'/'.join(parts)}") + (f"#{at}" if at else "")

    def passage(self, number: int) -> str:
        """One passage, wherever it stands or stood."""
        return self._placed(f"-/passage/{number}")

    def search(self, **asked: object) -> str:
        """The search, or its answer."""
        return self._with(self._placed("-/search"), asked)

    def health(self) -> str:
        """What could not be read, and what could not be delivered."""
        return self._placed("-/health")

    def snapshot(self, sha256: str) -> str:
        """The stored bytes of a page, to be downloaded."""
        return self._placed(f"-/snapshot/{sha256}")

    def file(self, name: str) -> str:
        """A file of data/site/static; another address for another content, so that each may be kept for ever."""
        return self._with(self._placed(f"-/smallprint/{name}"), {"v": self._editions.get(name)})

    def _with(self, address: str, asked: dict[str, object]) -> str:
        given = {name: value for name, value in asked.items() if value not in (None, "")}
        return f"{address}?{urlencode(given)}" if given else address


def _part(number: int) -> str:
    """What comes in parts has the first at its own address."""
    return f"/part/{number}" if number > 1 else ""


# As a page knows them, which does not know what the site lies below: `Elsewhere` puts that in front.
BARE = Addresses(lambda path: f"/{path}")


def as_json(path: str) -> str:
    """The address of the same page as JSON; `path` has no query."""
    return "/-/front.json" if path in ("", "/") else f"{path}.json"
