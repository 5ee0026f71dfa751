"""What to watch, as declared: values with the shape of Open Terms Archive's service declarations."""

from __future__ import annotations

from dataclasses import dataclass

from archive.words import Document


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two elements: the first match of each CSS selector, each side in or out."""

    start: str
    end: str
    start_included: bool  # startBefore: the range begins before the element
    end_included: bool  # endAfter: the range ends after the element


Selector = str | Range


@dataclass(frozen=True, slots=True)
class Source:
    """One page of a document: where it is and which parts of it count. No `select`: the main content is found."""

    fetch: str
    select: tuple[Selector, ...] = ()
    remove: tuple[Selector, ...] = ()
    remove_query_params: tuple[str, ...] = ()
    client_scripts: bool | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """One document and the pages it is made of (several: Open Terms Archive's `combine`)."""

    document: Document
    sources: tuple[Source, ...]
