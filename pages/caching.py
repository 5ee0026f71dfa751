"""Turns a page that is ready into an answer that may be kept: with a tag, or as 304 for those who have it already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path

from datasette.utils.asgi import Response

AGAIN = "no-cache"  # may be kept, but is asked for again
A_MINUTE = "public, max-age=60"
FOR_EVER = "public, max-age=31536000, immutable"
EDITION = 12  # characters of a hash that tell one content of a file from another


def answer(body: bytes, content_type: str, asked: Mapping[str, str], kept: str) -> Response:
    """The body, or 304 without one if the request's headers (names in small letters) say that it is known."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": kept}
    if is_known(asked, tag):
        return Response(b"", HTTPStatus.NOT_MODIFIED, headers, content_type)
    return Response(body, HTTPStatus.OK, headers | {"Content-Length": str(len(body))}, content_type)


def is_known(asked: Mapping[str, str], tag: str) -> bool:
    """Whether a request names the tag of the content that it would get (RFC 9110, 13.1.2)."""
    tags = {one.strip().removeprefix("W/") for one in asked.get("if-none-match", "").split(",")}
    return bool({"*", tag} & tags)


@cache
def editions(folder: Path) -> dict[str, str]:
    """What tells the content of each file of a folder from any other, by the file's name."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:EDITION] for path in files}
