"""Writes what search engines may read: nothing of a site that stands for one person, our pages of a public one."""

from __future__ import annotations

from datasette.app import Datasette
from datasette.utils.asgi import Request, Response

from pages.serving import is_public

NOTHING = "User-agent: *\nDisallow: /\n"
OUR_PAGES = """# Open are our pages as they are by themselves; tables, SQL, searches and stored pages are not.
User-agent: *
Disallow: /
Allow: /$
Allow: /-/
Disallow: /-/*?
Disallow: /-/*.json$
Disallow: /-/search
Disallow: /-/snapshot/
Allow: /-/smallprint/
"""


async def page(datasette: Datasette, request: Request) -> Response:
    """robots.txt, by the longest rule that fits (RFC 9309)."""
    del request
    return Response.text(OUR_PAGES if is_public(datasette) else NOTHING, headers={"Cache-Control": "max-age=3600"})
