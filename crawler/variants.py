"""Turns the entry of a document, with or without variants, into one declaration for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from archive import regions
from crawler.declaration import Declaration
from crawler.schema import TERMS_KEYS, Json, Place, Service, a_text, an_object, declaration, quoted

KEY = "variants"
ANYWHERE = "https://example.org/"  # stands in for an address while what variants share is checked
PAGES = ("fetch", "combine")


def declarations(value: object, place: Place, service: Service) -> list[Declaration]:
    """The document, or each of its variants; `place` ends with the document's key.

    What a variant does not say is taken from the entry itself. Raises DeclarationError at the first fault.
    """
    entry = an_object(value, place, (*TERMS_KEYS, KEY))
    if KEY not in entry:
        return [declaration(value, place, service)]
    shared = {key: entry[key] for key in entry if key != KEY}
    if "region" in shared:
        raise place.at("region").fault('stands beside "variants"; put it into each of them')
    key, here = str(place.keys[-1]), place.at(KEY)
    declaration({**({} if any(page in shared for page in PAGES) else {"fetch": ANYWHERE}), **shared}, place, service)
    variants = an_object(entry[KEY], here)
    if not variants:
        raise here.fault("is empty")
    found = [_variant(name, own, shared, here.at(name), (key, service)) for name, own in variants.items()]
    _refuse_alike(found, here)
    return found


def _variant(name: str, value: object, shared: Json, place: Place, of: tuple[str, Service]) -> Declaration:
    a_text(name, place)
    own = an_object(value, place, TERMS_KEYS)
    if any(page in own for page in PAGES):  # its own page takes the place of the shared one, in whatever form
        shared = {key: shared[key] for key in shared if key not in PAGES}
    entry = {"region": regions.code(name) or name} | shared | own
    key, service = of
    return declaration(entry, place, service, key=key, variant=name)


def _refuse_alike(found: Sequence[Declaration], place: Place) -> None:
    """A document is known by its service, type and region: two variants of one region would be one document."""
    seen = dict[str, str]()
    for one in found:
        region = one.document.region
        other = seen.setdefault(region.casefold(), one.variant)
        if other != one.variant:
            raise place.at(one.variant).fault(f"has the same region as {quoted(other)}: {quoted(region)}")
