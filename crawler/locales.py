"""Turns two addresses of a page into what says that they are of two languages or countries, if anything does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import parse_qsl, urlsplit

from archive import languages
from archive.countries import COUNTRIES

BOTH = re.compile(r"[a-z]{2}[-_][a-z]{2}")  # a language and a country, in either order
QUERY = frozenset(["hl", "gl", "lang", "language", "locale", "country", "cc", "region", "setlang", "mkt"])
DEEP = 3  # parts of a path among which a locale stands
SECOND = frozenset(["co", "com", "org", "net", "ac", "gov"])  # before a country: gantry.co.uk
NO_COUNTRY = frozenset(["ai", "io", "me", "tv", "co", "cc", "fm", "ly", "to", "gg", "sh", "so", "eu"])  # sold to all

Place = tuple[str, str]  # what stands before and after a locale


def moved(before: str, now: str) -> str:
    """What tells that an address is of another locale than the one before ("/de-de/ instead of /en-us/"), or "".

    Both have to say theirs in the same place, and neither may only be the wider name of the other ("en" and "en-gb").
    """
    theirs = dict(_locales(before))
    for place, locale in _locales(now):
        other = theirs.get(place, locale)
        if not (_is_wider(locale, other) or _is_wider(other, locale)):
            return f"{locale.join(place)} instead of {other.join(place)}"
    return _other_country(before, now)


def _locales(url: str) -> Iterator[tuple[Place, str]]:
    """Where an address says a locale, and which."""
    parts = urlsplit(url)
    for name, text in parse_qsl(parts.query):
        if name.lower() in QUERY and _is_locale(text.lower()):
            yield (f"{name.lower()}=", ""), _plain(text)
    segments = [segment for segment in parts.path.lower().split("/") if segment][:DEEP]
    found = next((segment for segment in segments if _is_locale(segment)), "")
    if found:
        yield ("/", "/"), _plain(found)
    first, _, rest = (parts.hostname or "").partition(".")
    if "." in rest and _is_locale(first):
        yield ("", f".{rest}"), _plain(first)


def _other_country(before: str, now: str) -> str:
    """The same name under another country's ending: gantry.de for gantry.com."""
    (name, ending), (other_name, other) = _ending(before), _ending(now)
    countries = [one for one in (ending, other) if len(one) == 2 and one not in NO_COUNTRY]
    is_other = name and name == other_name and ending != other and countries
    return f"{name}.{other} instead of {name}.{ending}" if is_other else ""


def _ending(url: str) -> tuple[str, str]:
    """The host's own name, and the country or kind at its end."""
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    if len(labels) > 2 and labels[-2] in SECOND and len(labels[-1]) == 2:
        del labels[-2]
    return (".".join(labels[:-1]), labels[-1]) if len(labels) > 1 else ("", "")


def _is_locale(text: str) -> bool:
    return text in _codes() or (BOTH.fullmatch(text) is not None and not _codes().isdisjoint(re.split("[-_]", text)))


def _is_wider(locale: str, other: str) -> bool:
    return locale == other or other.startswith(f"{locale}-") or other.endswith(f"-{locale}")


def _plain(text: str) -> str:
    return text.lower().replace("_", "-")


@cache
def _codes() -> frozenset[str]:
    """Codes of languages and countries, as addresses write them."""
    countries = [line[:2].lower() for line in COUNTRIES.strip().splitlines()]
    return frozenset([*languages.ours().names, *countries, "uk", "eu"])
