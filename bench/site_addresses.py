"""Draws from an archive the addresses that a bench of its site asks for: some by chance, and the heaviest."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

HEAVIEST = 20  # of each kind
WHOLE = ("service", "search", "services")  # kinds of which every page is asked for
FEW = 10  # times a page is asked for that has none beside it of its kind
# How often people open a page of a kind, beside the others.
WEIGHTS = {"front": 5, "change": 5, "service": 3, "document": 3, "search": 1, "passage": 1, "services": 1, "between": 1}
WEIGHTS |= {"version": 1, "beside": 1, "health": 1, "feeds": 1}


def drawn(kinds: Mapping[str, Sequence[str]], wanted: int, seed: int) -> dict[str, list[str]]:
    """Of each kind the heaviest, and so many others."""
    chance = random.Random(seed)
    return {kind: _drawn(kind, addresses, wanted, chance) for kind, addresses in kinds.items()}


def filters(page: str, address: str) -> list[str]:
    """Where the forms and links of a page lead that ask the same page for something else: each choice alone."""
    shown, path = BeautifulSoup(page, "lxml"), urlsplit(address).path
    found = [urljoin(address, str(link["href"])) for link in shown.select("main a[href*='?']")]
    for form in shown.select("main form"):
        target = urljoin(address, str(form.get("action") or path))
        found += [f"{target}?{urlencode([choice])}" for choice in _choices(form)]
    return [one for one in dict.fromkeys(found) if urlsplit(one).path == path]


def reader_pages(kinds: Mapping[str, Sequence[str]], seed: int) -> list[str]:
    """Pages in the order of one reader, without an end in sight."""
    chance = random.Random(seed)
    names = [kind for kind in WEIGHTS if kind in kinds]
    order = chance.choices(names, [WEIGHTS[kind] for kind in names], k=20_000)
    return [chance.choice(kinds[kind]) for kind in order]


def _drawn(kind: str, addresses: Sequence[str], wanted: int, chance: random.Random) -> list[str]:
    if kind in WHOLE or len(addresses) <= wanted:
        return list(addresses) * (FEW if len(addresses) < FEW else 1)
    heaviest, rest = addresses[:HEAVIEST], addresses[HEAVIEST:]
    return [*heaviest, *chance.sample(rest, min(wanted, len(rest)))]


def _choices(form: Tag) -> list[tuple[str, str]]:
    """Each field of a form with each value that it offers; a date where it wants one, a word where it wants words."""
    found = [
        (str(field["name"]), str(choice.get("value", choice.text)))
        for field in form.select("select[name]")
        for choice in field.select("option")
    ]
    for field in form.select("input[name]"):
        kind = str(field.get("type", "text"))
        given = {"date": "2023-06-01", "text": "train", "search": "train", "number": "2"}.get(kind, field.get("value"))
        found.append((str(field["name"]), str(given or "on")))
    return found
