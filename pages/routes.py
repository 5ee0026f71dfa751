"""Names the pages of the site with their addresses, in the order in which people come upon them."""

from __future__ import annotations

from pages import change, document, front, health, passage, robots, search, service, services, snapshot, version
from pages.serving import View, served

ID = r"(?P<id>[0-9]{1,18})"
PART = r"(?:/part/(?P<part>[0-9]{1,6}))?"  # of what is too long for one page; the first needs none
SLUG = r"(?P<slug>[^/]+?)"  # of a service
TOPIC = r"(?:/(?P<topic>ai-training|consent)(?:/(?P<page>[1-9][0-9]{0,3}))?)?"
JSON = r"(?P<json>\.json)?"  # at the end of an address that is there as JSON too

ROUTES: list[tuple[str, View]] = [
    (r"^/$", served(front.page)),
    (r"^/-/front(?P<json>\.json)$", served(front.page)),
    (rf"^/-/services{TOPIC}{JSON}$", served(services.page)),
    (rf"^/-/service/{SLUG}{JSON}$", served(service.page)),
    (rf"^/-/change/{ID}(?:/(?P<view>[a-z-]+))?{PART}{JSON}$", served(change.page)),
    (rf"^/-/document/{ID}{PART}{JSON}$", served(document.page)),
    (rf"^/-/document/{ID}/at{JSON}$", served(document.at)),
    (rf"^/-/version/{ID}{PART}{JSON}$", served(version.page)),
    (rf"^/-/passage/{ID}{JSON}$", served(passage.page)),
    (rf"^/-/search{JSON}$", served(search.page)),
    (rf"^/-/health{JSON}$", served(health.page)),
    (r"^/-/snapshot/(?P<sha256>[^/]+)$", snapshot.download),
    (r"^/robots\.txt$", robots.page),
]
