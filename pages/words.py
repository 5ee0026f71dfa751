"""How times, addresses and quotes are written on pages: what templates call as filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from archive import labels
from archive.words import Flag

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
DATE = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that set off flags: the headings above them, whether the page says them now, and the flags."""

    words: str
    heading: str
    stands: bool
    flags: tuple[Flag, ...]


def day(time: str | None) -> str:
    """ "18 September 2024", for a time as the archive writes it; other text stays as it is."""
    return _told(time, "{0.day} {0:%B %Y}")


def moment(time: str | None) -> str:
    """ "18 September 2024, 06:30 UTC"."""
    return _told(time, "{0.day} {0:%B %Y, %H:%M} UTC")


def unbroken(text: str) -> str:
    """The text with dates that stay on one line."""
    return DATE.sub("\\1\u2011\\2\u2011\\3", text)


def web_address(url: str) -> str:
    """The address if it may become a link, else ""."""
    return url if web_host(url) else ""


def web_host(url: str) -> str:
    """The host of an address of http or https, "" for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def lang(code: str) -> Markup:
    """The attribute that tells the language of a text, if this is a code of one (BCP 47), else nothing."""
    return Markup(' lang="{}"').format(code) if LANGUAGE.fullmatch(code or "") else Markup("")


def quotes(flags: Iterable[tuple[str, Flag]]) -> list[Quoted]:
    """Each quote once, with all its flags, from flags that come with the headings above them."""
    found: dict[tuple[str, str, bool], list[Flag]] = {}
    for heading, flag in flags:
        found.setdefault((flag.quote, heading, flag.side == "after"), []).append(flag)
    return [Quoted(*key, tuple(same)) for key, same in found.items()]


def _fact_name(kind: str) -> str:
    return labels.FACTS.get(kind, kind)


def _told(time: str | None, form: str) -> str:
    try:
        return form.format(datetime.fromisoformat(time or ""))
    except ValueError:
        return time or ""


FILTERS: dict[str, Callable[..., Any]] = {
    "day": day,
    "moment": moment,
    "lang": lang,
    "unbroken": unbroken,
    "web_address": web_address,
    "web_host": web_host,
    "quotes": quotes,
    "chips": labels.chips,
    "told": labels.told,
    "fact_name": _fact_name,
}
