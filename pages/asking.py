"""Turns what an address asks of the front page into what is wanted, and into plain words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from archive import labels, regions
from archive.errors import SmallprintError
from archive.flagged import Service, Wanted
from archive.words import Effect, Mechanism, Severity, Topic


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


EFFECTS = {str(effect): _capital(labels.ENGLISH.name("effects", effect)) for effect in list(Effect)[:3]}
MECHANISMS = {str(one): _capital(labels.ENGLISH.name("mechanisms", one)) for one in Mechanism}
DAYS_BACK = {"week": 7, "month": 30, "year": 365}
CHOICES = {  # what may be asked of each, and the words for it
    "topic": {str(topic): _capital(labels.TOPICS[topic]) for topic in Topic},
    "effect": EFFECTS | MECHANISMS,
    "severity": {str(one): _capital(one) for one in Severity},
    "time": {name: f"In the past {name}" for name in DAYS_BACK},
}
NAMES = ("topic", "effect", "severity", "service", "region", "time", "year", "since", "until")
WHEN = ("time", "year", "since", "until")


class AskedError(SmallprintError):
    """What was asked makes no sense; the message says what would."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Something that was asked, in plain words, and what is asked without it."""

    name: str
    words: str
    without: dict[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """What an archive has: services by their names in addresses; regions, by code or as a declaration says."""

    services: Mapping[str, Service]
    regions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted, between which days ("2026-03-02"; "" where it does not matter), and which page of it.

    `given` is what was asked, `filters` the same in words.
    """

    wanted: Wanted
    since: str
    until: str
    page: int
    given: dict[str, str]
    filters: tuple[Filter, ...]

    @property
    def lasting(self) -> dict[str, str]:
        """What is asked whatever the days are."""
        return {name: value for name, value in self.given.items() if name not in WHEN}


def question(asked: Mapping[str, str], known: Known, today: date) -> Question:
    """What the parameters of an address mean on a day; other parameters than ours are left alone. Raises AskedError."""
    given = {name: asked[name].strip() for name in NAMES if asked.get(name, "").strip()}
    words = {name: _words(name, value, known) for name, value in given.items()}
    since, until = _between(given, today)
    service = known.services[given["service"]].key if "service" in given else ""
    plain = {name: given.get(name, "") for name in ("topic", "effect", "severity")}
    return Question(
        Wanted(**plain, service=service, region=_region(given.get("region", ""), known)),
        since,
        until,
        _page(asked.get("page") or "1"),
        given,
        tuple(Filter(name, words[name], {k: v for k, v in given.items() if k != name}) for name in given),
    )


def choices(known: Known, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What a form offers, and the words for it: services that have flagged changes, regions that are named anywhere."""
    services = {slug: one.name for slug, one in known.services.items() if one.flagged or slug == given.get("service")}
    codes = {*known.regions, *filter(None, [_region(given.get("region", ""), known)])}
    named = sorted(((code, _capital(region_name(code))) for code in codes), key=lambda one: one[1])
    return CHOICES | {"service": services, "region": dict(named), "effect": EFFECTS, "mechanism": MECHANISMS}


def region_name(code: str) -> str:
    """What people call a region; one that is no code is told as it is."""
    return next(iter(regions.named([code])), code)


def _words(name: str, value: str, known: Known) -> str:
    """What was asked, in words that stand alone."""
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise AskedError(f'There is no {name} "{value}": ask for {_listed(list(CHOICES[name]))}.')
        return CHOICES[name][value] + (" severity" if name == "severity" else "")
    if name == "service":
        return _service(value, known)
    if name == "region":
        return f"For people in {region_name(_region(value, known))}"
    return f"Seen in {_year(value)}" if name == "year" else f"Seen {name} {_day(value)}"


def _listed(values: list[str]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


def _service(slug: str, known: Known) -> str:
    if slug not in known.services:
        raise AskedError(f'This archive has no service called "{slug}" in addresses.')
    return known.services[slug].name


def _region(value: str, known: Known) -> str:
    """A code, or the region of a document as it stands; "" for nothing."""
    found = value if value in known.regions else regions.code(value)
    if value and not found:
        raise AskedError(f'"{value}" is no code of a region: write such as EU, GB or US-CA.')
    return found


def _between(given: Mapping[str, str], today: date) -> tuple[str, str]:
    """The first and the last day that are meant by all that was said of time."""
    bounds = [(given.get("since", ""), given.get("until", ""))]
    if "time" in given:
        bounds.append(((today - timedelta(DAYS_BACK[given["time"]])).isoformat(), ""))
    if "year" in given:
        bounds.append((f"{given['year']}-01-01", f"{given['year']}-12-31"))
    return max(first for first, _ in bounds), min((last for _, last in bounds if last), default="")


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise AskedError(f'"{value}" is no day: write such as 2026-03-01.')
    return f"{day.day} {day:%B} {day.year}"


def _year(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) == 4 and value > "0000"):
        raise AskedError(f'"{value}" is no year: write such as 2026.')
    return value


def _page(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value)):
        raise AskedError(f'"{value}" is no number of a page: they count from 1.')
    return int(value)
