"""Decides what strangers may ask of a public site, what search engines may keep, and how long a copy is good."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pages.addresses import OURS
from pages.caching import A_MINUTE, FOR_EVER

READING = ("GET", "HEAD")
FEEDS = re.compile(r"/-/feed(?:/.*)?")
FILES = re.compile(r"/-/(?:static|smallprint)/(?P<name>.*)")
# Datasette's lists of databases, which tell the hash of the file (and read all of it to do so), and its names for
# databases in memory.
LISTS = re.compile(r"/\.jsono?|/(?::memory:|_memory|_internal)(?:[/.].*)?")
UNLISTED = re.compile(r"/-/(?:search|snapshot)(?:[/.].*)?|.*\.json")
PRIVATE = (b"cookie", b"authorization")


def is_shut(path: str) -> bool:
    """Whether nothing is answered there in public. Below /-/ is open what is named here: the rest tells of the machine.

    So are shut /-/metadata, versions, plugins, settings, config, threads, databases, actor, auth-token, logout,
    permissions, messages, allow-debug and patterns, and what another Datasette will have beside them.
    """
    if path.startswith("/-/"):
        return not any(known.fullmatch(path) for known in (OURS, FEEDS, FILES))
    return bool(LISTS.fullmatch(path))


def is_listed(path: str, query: str) -> bool:
    """Whether search engines may keep the page: ours, as they are by themselves."""
    return path == "/robots.txt" or bool(FILES.fullmatch(path)) or _is_own_page(path, query)


def kept(path: str, query: str, editions: Mapping[str, str]) -> str | None:
    """How long a public file may be kept, as a Cache-Control; None for what is no file."""
    file = FILES.fullmatch(path)
    if file is None:
        return None
    edition = editions.get(file["name"]) if path.startswith("/-/smallprint/") else None
    return FOR_EVER if edition and query == f"v={edition}" else A_MINUTE


def _is_own_page(path: str, query: str) -> bool:
    ours = OURS.fullmatch(path) or FEEDS.fullmatch(path)
    return bool(ours) and not query and not UNLISTED.fullmatch(path)
