"""Says which pages of the site are published as files, which of them wait for no link, and where each file lies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from archive.published import Scope

FILES = "/-/smallprint/"
FEEDS = "/-/feed/"


@dataclass(frozen=True, slots=True)
class Kind:
    """Pages with addresses of a form. Of those with a name or an id in it are published those that the scope has.

    A page that is `cited` is there even if no other leads to it: people hold its address in mails and feeds.
    """

    form: str
    of: str = ""  # a field of Scope
    cited: bool = True


KINDS = (
    Kind("/"),
    Kind("/-/services"),
    Kind("/-/services/{}", cited=False),
    Kind("/-/health"),
    Kind("/-/service/{}", "services"),
    Kind("/-/document/{}", "documents"),
    Kind("/-/change/{}", "changes"),
    Kind("/-/version/{}", "versions", cited=False),
    Kind("/-/passage/{}", "passages", cited=False),
    Kind("/-/snapshot/{}", "snapshots", cited=False),
)
VIEW = re.compile(r"/(?:side-by-side|whole)(?=/|$)")  # of a change: the same values in another form
PART = re.compile(r"/part/[0-9]+$")  # of what is too long for one page
FORMS = [(re.compile(re.escape(kind.form).replace(r"\{\}", r"(?P<name>[a-z0-9/-]+)")), kind) for kind in KINDS]


def is_published(path: str, scope: Scope) -> bool:
    """Whether the address, without a query, is that of a page of these kinds, or of such a page as JSON.

    A view of a change is there as a page alone: its JSON would say what that of the change says.
    """
    page = "/" if path == "/-/front.json" else path.removesuffix(".json")
    if page != path and VIEW.search(page):
        return False
    page = VIEW.sub("", PART.sub("", page))
    for form, kind in FORMS:
        if found := form.fullmatch(page):
            return not kind.of or found["name"] in names(kind, scope)
    return False


def cited(scope: Scope) -> Iterator[str]:
    """The addresses that are published whether a page leads there or not."""
    for kind in KINDS:
        if kind.cited:
            yield from (kind.form.format(name) for name in sorted(names(kind, scope))) if kind.of else (kind.form,)


def names(kind: Kind, scope: Scope) -> Collection[str]:
    """What there is of a kind."""
    found: Collection[str] = getattr(scope, kind.of)
    return found


def place(path: str) -> str:
    """The file that has what is at an address: "/-/change/5" is "-/change/5.html"."""
    if path == "/" or path.endswith("/"):
        return f"{path[1:]}index.html"
    if path.endswith(".json") or path.startswith((FILES, FEEDS)):
        return path[1:]
    return f"{path[1:]}.{'txt' if path.startswith('/-/snapshot/') else 'html'}"


def way(here: str, there: str) -> str:
    """How a link in one file names another: "../service/nimbus.html"."""
    return posixpath.relpath(there, posixpath.dirname(here) or ".")
