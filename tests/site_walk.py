"""Follows the links of the site from its front page: what is reached, and what of it is broken."""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urldefrag, urlsplit

import httpx
from lxml import html

from pages.addresses import OURS
from tests.site_browser import Reader

IN_BROWSER, EACH = 2, 8  # of the pages of one shape: how many are opened, how many asked for at all
PLAIN = re.compile(r"\.(json|csv|atom|css|js|svg|txt|xml|jsonl)$|^/-/snapshot/|^/-/smallprint/|^/-/static")
NAMED = re.compile(r"(?<=^/-/service/)[^/]+?(?=\.json$|$)|[0-9a-f]{64}|\d+")
SERVICE_FEED = re.compile(r"(?<=^/-/feed/service/)[^/]+(?=\.)")


@dataclass(slots=True)
class Walk:
    """Where the links lead: each address with its status, its shape, and what is wrong there."""

    statuses: dict[str, int] = field(default_factory=dict)
    shapes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    ids: dict[str, set[str]] = field(default_factory=dict)
    wanted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # by address, what follows the "#"

    def broken(self) -> list[str]:
        """Places in pages that links name and that are not there."""
        return [
            f"{address} has no #{name}"
            for address, names in self.wanted.items()
            for name in names - self.ids.get(address, names) - {"", "top"}
        ]


def walk(reader: Reader, client: httpx.Client, starts: Iterable[str]) -> Walk:
    """Breadth first; the links of Datasette's own pages are followed only where they lead to pages of ours."""
    found, queue = Walk(), deque(starts)
    known = set(queue)
    while queue:
        address = queue.popleft()
        shape = shape_of(address)
        found.shapes[shape] += 1
        if found.shapes[shape] > EACH:
            continue
        links = _opened(reader, found, address, shape) or _asked(client, found, address)
        for link in links:
            target, name = urldefrag(link.removeprefix(reader.base))
            if not target.startswith("/") or not (is_ours(address) or is_ours(target)):
                continue
            found.wanted[target].add(unquote(name))
            if target not in known:
                known.add(target)
                queue.append(target)
    found.wrong += reader.wrong
    return found


def is_ours(address: str) -> bool:
    """Whether it is a page of ours, not one of Datasette's."""
    path = urlsplit(address).path
    return bool(OURS.fullmatch(path)) or path.startswith("/-/feed/")


def shape_of(address: str) -> str:
    """The same for all pages of a kind: "/-/change/*", "/?topic"."""
    parts = urlsplit(address)
    asked = "&".join(sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))
    return SERVICE_FEED.sub("*", NAMED.sub("*", parts.path)) + (f"?{asked}" if asked else "")


def _opened(reader: Reader, found: Walk, address: str, shape: str) -> list[str]:
    """The links of a page, opened in the browser; none where it is not for a browser, or one of too many."""
    if PLAIN.search(urlsplit(address).path) or found.shapes[shape] > IN_BROWSER:
        return []
    found.statuses[address] = reader.open(address)
    found.ids[address] = reader.ids()
    found.wrong += [f"{address}: {what}" for what in reader.owned()]
    return reader.links()


def _asked(client: httpx.Client, found: Walk, address: str) -> list[str]:
    """The links of an answer that is a page of ours."""
    answer = client.get(address)
    found.statuses[address] = answer.status_code
    if not answer.headers.get("content-type", "").startswith("text/html") or not answer.text.strip():
        return []
    tree = html.fromstring(answer.text)
    found.ids[address] = set(tree.xpath("//@id"))
    tree.make_links_absolute(str(answer.url).partition("#")[0], handle_failures="discard")
    base = str(client.base_url).rstrip("/")
    return [link for _, _, link, _ in tree.iterlinks() if link.startswith(f"{base}/")]
