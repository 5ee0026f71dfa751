"""Turns codes of regions (ISO 3166, "EU" and the EEA) into what people call them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from archive.countries import COUNTRIES
from archive.country_parts import PARTS

SAID = {  # where people say it in another way than the lists begin with
    "EU": "the EU",
    "EEA": "the EEA",
    "GB": "the UK",
    "UK": "the UK",
    "US": "the US",
    "CN": "China",
    "HK": "Hong Kong",
    "PH": "the Philippines",
    "AE": "the UAE",
    "RU": "Russia",
    "CZ": "Czechia",
    "IE": "Ireland",
    "NL": "the Netherlands",
    "US-WA": "Washington State",
}
MOST = 4
EEA = ("EU", "IS", "LI", "NO")  # the European Economic Area
MEMBERS = (  # of the European Union
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"),
    *("LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)


def named(codes: Iterable[str]) -> list[str]:
    """The name of each region, once; of the members of the EEA together, the EEA's. [] where one has no name here."""
    given = list(dict.fromkeys(codes))
    if set(EEA) <= set(given):
        given = ["EU", "EEA", *(code for code in given if code not in EEA)]
    names = [SAID.get(code) or _names().get(code, "") for code in given]
    return list(dict.fromkeys(names)) if all(names) else []


def code(text: str) -> str:
    """The code of a region that is named by it, in any letter case; "" where it is none."""
    known = text.upper()
    return known if known in SAID or known in _names() else ""


def overlap(one: str, other: str) -> bool:
    """Whether two regions have people in common: "EU" and "DE", "US" and "US-CA"; "" is everywhere."""
    one, other = (_ALIASES.get(code, code) for code in (one, other))
    return not one or not other or one == other or _within(one, other) or _within(other, one)


def covered(region: str, codes: Iterable[str]) -> bool:
    """Whether all people of a region are in one of these, or all of the EEA in these together: "DE" in "EU"."""
    region, *known = (_ALIASES.get(code, code) for code in (region, *codes))
    together = region == "EEA" and set(EEA) <= set(known)
    return together or region in known or any(_within(region, whole) for whole in known)


def _within(part: str, whole: str) -> bool:
    """Whether a region is a part of another one."""
    if whole == "EEA":
        return part in EEA or part in MEMBERS
    return part in MEMBERS if whole == "EU" else part.startswith(f"{whole}-")


@cache
def _names() -> dict[str, str]:
    """The name that each code has first in the lists."""
    lines = [line.partition(" ") for line in f"{COUNTRIES}\n{PARTS}".splitlines() if line]
    return {code: names.partition(" | ")[0].split(", ")[0] for code, _, names in lines}


def listed(regions: Iterable[str]) -> str:
    """Names, joined as people say them: "the EU, EEA and Switzerland"."""
    names = list(dict.fromkeys(regions))
    if len(names) > MOST:
        return f"{', '.join(_bare(names[:MOST]))} and {len(names) - MOST} more"
    *most, last = _bare(names) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def _bare(names: list[str]) -> list[str]:
    """A second "the" is left out."""
    seen = False
    told = list[str]()
    for name in names:
        told.append(name.removeprefix("the ") if seen else name)
        seen = seen or name.startswith("the ")
    return told


_ALIASES = {"UK": "GB"}
