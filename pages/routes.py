"""Names the pages of the site with their addresses, in the order in which people come upon them."""

from __future__ import annotations

from pages import change, front, snapshot
from pages.serving import View, served

ID = r"(?P<id>[0-9]{1,18})"
JSON = r"(?P<json>\.json)?"  # at the end of an address that is there as JSON too

ROUTES: list[tuple[str, View]] = [
    (r"^/$", served(front.page)),
    (r"^/-/front(?P<json>\.json)$", served(front.page)),
    (rf"^/-/change/{ID}{JSON}$", served(change.page)),
    (r"^/-/snapshot/(?P<sha256>[^/]+)$", snapshot.download),
]
