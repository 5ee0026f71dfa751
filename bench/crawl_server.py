"""Serves one round of the pages on 49 loopback hosts: python bench/crawl_server.py FOLDER ROUND PORT LATENCY [etag]

Needs aiohttp. It prints its port as soon as it listens, serves until its input ends, and then prints as JSON what it
was asked: requests, answers of 304, requests for robots.txt, and the most that one host had to answer at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

from aiohttp import web
from crawl_corpus import HOSTS, ROUNDS

HTML = "text/html; charset=utf-8"


class Pages:
    """Answers with the pages, and counts."""

    def __init__(self, folder: Path, number: int, latency: float, etag: bool) -> None:
        self.latency, self.etag = latency, etag
        self.bodies = {
            f"/{path.stem}": path.read_bytes() for name in ROUNDS[:number] for path in (folder / name).glob("*.html")
        }
        self.tags = {path: f'"{hashlib.sha256(body).hexdigest()[:32]}"' for path, body in self.bodies.items()}
        self.asked, self.busy = Counter[str](), Counter[str]()
        self.parallel = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One answer, sent whole before the host counts as free again."""
        host = request.host
        self.busy[host] += 1
        self.parallel = max(self.parallel, self.busy[host])
        try:
            await asyncio.sleep(self.latency)
            response = self.response(request)
            await response.prepare(request)
            await response.write_eof()
        finally:
            self.busy[host] -= 1
        return response

    def response(self, request: web.Request) -> web.Response:
        """The page, or that it is as it was, or that there is none."""
        body, tag = self.bodies.get(request.path), self.tags.get(request.path, "")
        self.asked["robots" if request.path == "/robots.txt" else "requests"] += 1
        if body is None:
            return web.Response(status=404)
        headers = {"ETag": tag} if self.etag else {}
        if self.etag and request.headers.get("If-None-Match") == tag:
            self.asked["not modified"] += 1
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, headers={"Content-Type": HTML, **headers})


async def serve(pages: Pages, port: int) -> None:
    """Listens on every host until the input ends."""
    app = web.Application()
    app.router.add_get("/{path:.*}", pages.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    for host in HOSTS:
        site = web.TCPSite(runner, host, port)
        await site.start()
        port = port or runner.addresses[0][1]
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()
    print(json.dumps({**pages.asked, "parallel": pages.parallel}))


if __name__ == "__main__":
    place, number, port, latency, *more = sys.argv[1:]
    asyncio.run(serve(Pages(Path(place), int(number), float(latency), "etag" in more), int(port)))
