"""Turns an archive into a folder of files that any web host can show: the pages of the site, fetched link by link."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from archive import places, published, store
from archive.errors import SmallprintError
from archive.published import Scope
from archive.settings import Telling
from notify import feeds
from pages import faults
from pages.routes import ROUTES
from pages.serving import View
from smallprint import feed_folder, site
from smallprint.files import put
from smallprint.published import FEEDS, FILES, cited, is_published, place, way
from smallprint.relinking import relinked

MARK = ".smallprint"  # in a folder that we have written, and may write again
MARKED = b"smallprint publish writes this folder, and overwrites what it has written.\n"
NOT_FOUND = "404.html"
ROBOTS = "User-agent: *\nDisallow: /-/snapshot/\n"
REDIRECTS = (301, 302)

Told = Callable[[int, int], None]


@dataclass(slots=True)
class Count:
    """What was published: pages, files, files that were new or differ, and bytes of all."""

    pages: int = 0
    files: int = 0
    written: int = 0
    size: int = 0


async def publish(archive: Path, folder: Path, telling: Telling, url: str, told: Told) -> Count:
    """Writes the pages and the feeds of an archive. `url` is where the folder will be found, if not at the site.

    Raises SmallprintError where the archive cannot be read or the folder cannot be written; its files are whole.
    """
    where = feeds.place(replace(telling, site=(url or telling.site).rstrip("/")))
    with store.reading(archive) as db:
        publisher = Publisher(
            site.made(archive, published=True, site=where.site), published.scope(db), folder, where.site
        )
        prepare(folder)
        await publisher.publish(told)
        found, changed = feed_folder.write(db, folder / FEEDS.strip("/"), where, lambda done, of: None)
    count = publisher.count
    return replace(count, files=count.files + len(found), written=count.written + len(changed))


def prepare(folder: Path) -> None:
    """Makes the folder ours. Raises SmallprintError where somebody else's files are in it, or it cannot be written."""
    try:
        foreign = folder.exists() and not (folder / MARK).is_file() and any(folder.iterdir())
    except OSError as error:
        raise SmallprintError(f"{folder}: cannot be read ({error.strerror}): name another folder") from error
    if foreign:
        raise SmallprintError(f"{folder}: holds files that are not of `smallprint publish`: name a new folder")
    put(folder / MARK, MARKED)


class Publisher:
    """Writes pages of one site into one folder. `url` is where it will be found, without a slash; "" if nobody knows.

    Files of pages that are no longer published stay: their addresses are cited.
    """

    def __init__(self, shown: Datasette, scope: Scope, folder: Path, url: str) -> None:
        self._shown, self._scope, self._folder, self._url = shown, scope, folder, url
        self._found: dict[str, None] = {}
        self.count = Count()

    async def publish(self, told: Told) -> None:
        """Writes all of it but the feeds. `told` hears how many pages are done, and how many are known."""
        await self._shown.invoke_startup()
        for path in sorted((places.SITE / "static").iterdir()):
            self.put(f"{FILES[1:]}{path.name}", path.read_bytes())
        waiting = deque(path for path in cited(self._scope) if _view(path))
        self._found = dict.fromkeys(waiting)
        while waiting:
            waiting += await self._page(waiting.popleft())
            told(len(self._found) - len(waiting), len(self._found))
        await self._surroundings()

    def put(self, name: str, body: bytes) -> None:
        """Writes a file, if it is not there, and counts it."""
        self.count.files += 1
        self.count.size += len(body)
        self.count.written += put(self._folder / name, body)

    async def _page(self, path: str) -> list[str]:
        """Writes a page, and gives the addresses that were not known before it."""
        answer, file = await self._answer(path), place(path)
        before = len(self._found)
        if file.endswith(".html"):
            self.count.pages += 1
            text = relinked(_text(answer), lambda address: self._way(file, address), self._address(file))
            self.put(file, text.encode())
        else:
            self.put(file, _bytes(answer))
        return list(self._found)[before:]

    async def _answer(self, path: str) -> Response:
        view, names = _view(path) or (None, {})
        if view is None:
            raise SmallprintError(f"{path}: there is no such page")
        answer = await view(self._shown, Request.fake(path, url_vars=names))
        if answer.status in REDIRECTS:
            return await self._answer(answer.headers["Location"])
        if answer.status != 200:
            raise SmallprintError(f"{path}: cannot be published, it is answered with {answer.status}")
        return answer

    def _way(self, file: str, address: str) -> str | None:
        """How a link in a file leads to a page of the site; that page is published too. None for what is not."""
        path, mark, query = address.partition("?")
        if path.startswith(FILES):
            return way(file, place(path)) + mark + query
        if mark or not self._is_there(path):
            return None
        if not path.startswith(FEEDS):
            self._found.setdefault(path)
        return way(file, place(path))

    def _is_there(self, path: str) -> bool:
        if path.startswith(FEEDS):
            return path == FEEDS or path.removeprefix(FEEDS).removesuffix(".atom") in self._scope.feeds
        return is_published(path, self._scope) and _view(path) is not None

    def _address(self, file: str) -> str:
        """The full address of a page; "" if nobody knows where the folder will lie."""
        return f"{self._url}/{'' if file == 'index.html' else file}" if self._url else ""

    async def _surroundings(self) -> None:
        """What hosts and search engines look for. The page for what is missing stands for any: its links are full."""
        missing = faults.answer(self._shown, Request.fake(f"/{NOT_FOUND}"), NotFound(faults.UNKNOWN))
        self.put(NOT_FOUND, relinked(_text(missing), self._full, "").encode())
        sitemap = f"Sitemap: {self._url}/sitemap.xml\n" if self._url else ""
        self.put("robots.txt", (ROBOTS + sitemap).encode())
        if self._url:
            files = [file for file in map(place, self._found) if file.endswith(".html")]
            self.put("sitemap.xml", _sitemap(map(self._address, sorted(files))).encode())

    def _full(self, address: str) -> str | None:
        way = self._way("", address)
        return f"{self._url}/{way}" if self._url and way else None


def _view(path: str) -> tuple[View, dict[str, str]] | None:
    """What answers at an address, and what it reads from it. None if no page is there."""
    for form, view in ROUTES:
        if found := re.match(form, path):
            return view, found.groupdict()
    return None


def _text(answer: Response) -> str:
    return _bytes(answer).decode()


def _bytes(answer: Response) -> bytes:
    body: str | bytes = answer.body
    return body.encode() if isinstance(body, str) else body


def _sitemap(addresses: Iterable[str]) -> str:
    lines = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in addresses)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return f"{head}\n{lines}</urlset>\n"
