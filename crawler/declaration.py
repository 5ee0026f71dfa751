"""What to watch, as declared: values with the shape of Open Terms Archive's service declarations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from archive.words import Document


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two elements: the first match of each CSS selector, each side in or out."""

    start: str
    end: str
    start_included: bool  # startBefore: the range begins before the element
    end_included: bool  # endAfter: the range ends after the element

    def as_declared(self) -> dict[str, str]:
        """The range as a declaration writes it."""
        start = "startBefore" if self.start_included else "startAfter"
        end = "endAfter" if self.end_included else "endBefore"
        return {start: self.start, end: self.end}


Selector = str | Range


@dataclass(frozen=True, slots=True)
class Source:
    """One page of a document: where it is and which parts of it count. No `select`: the main content is found."""

    fetch: str
    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()
    remove_query_params: tuple[str, ...] = ()
    client_scripts: bool | None = None

    def as_declared(self) -> dict[str, Any]:
        """The page as a declaration writes it, without what is left out there."""
        written: dict[str, Any] = {"fetch": self.fetch}
        for key, selectors in (("select", self.select), ("remove", self.remove)):
            if selectors:
                written[key] = [s if isinstance(s, str) else s.as_declared() for s in selectors]
        if self.remove_query_params:
            written["filter"] = [{"removeQueryParams": list(self.remove_query_params)}]
        if self.client_scripts is not None:
            written["executeClientScripts"] = self.client_scripts
        return written


@dataclass(frozen=True, slots=True)
class Declaration:
    """One document and the pages it is made of (several: Open Terms Archive's `combine`)."""

    document: Document
    sources: tuple[Source, ...]
    variant: str = ""  # its key, where the document has several
    accept_language: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str = ""  # a name; its address is a setting

    def as_json(self) -> str:
        """What the archive keeps of it: the pages, as JSON in Open Terms Archive's form, and how they are asked for."""
        pages = [source.as_declared() for source in self.sources]
        written = pages[0] if len(pages) == 1 else {"combine": pages}
        asked = {"variant": self.variant, "acceptLanguage": self.accept_language, "headers": dict(self.headers)}
        asked |= {"proxy": self.proxy}
        return json.dumps(written | {key: value for key, value in asked.items() if value}, ensure_ascii=False)
