"""Asks a host "has it changed?", but only where "no" would mean that we have read the page as it is now."""

from __future__ import annotations

from scrapy import Request
from sqlite_utils import Database

from archive import evidence, recording
from archive.words import Outcome
from crawler import asking, reading
from crawler.declaration import Declaration

HEADERS = ("If-None-Match", "If-Modified-Since")
KEY = "smallprint_conditions"

Conditions = tuple[str, dict[str, str]]  # the address they hold for, and the headers


def conditions(db: Database, declaration: Declaration, part: int) -> Conditions:
    """What to ask for a page of a document; no headers where the page is to be fetched in any case.

    That is so where its newest bytes still wait to be read, or where today's rules could not read them: "not modified"
    would then hide that we know nothing of the page.
    """
    document = recording.document_id(db, declaration.document)
    page = evidence.newest_page(db, document, part) if document else None
    if document is None or page is None or page.outcome is Outcome.FETCHED or asking.is_special(declaration):
        return "", {}
    if evidence.extractor_of(db, document) != reading.extractor(declaration):
        return "", {}
    known = recording.validators(db, document, part, declaration.sources[part].fetch)
    headers = dict(zip(HEADERS, (known.etag, known.last_modified), strict=True))
    return page.url, {name: text for name, text in headers.items() if text}


class Conditional:
    """The downloader middleware: puts the headers on the request for the very address that they came from.

    A redirect that leads elsewhere today is asked without them: another page may be older, and still new to us.
    """

    def process_request(self, request: Request) -> None:
        """Sets or removes the headers, on every hop."""
        url, headers = request.meta.get(KEY, ("", {}))
        for name in HEADERS:
            request.headers.pop(name, None)
        if request.url.partition("#")[0] == url:
            request.headers.update(headers)


def is_conditional(request: Request | None) -> bool:
    """Whether a request asked "has it changed?"."""
    return request is not None and any(name in request.headers for name in HEADERS)
