"""How times, addresses and languages are written on pages: what templates call as filters."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from archive import labels

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
DATE = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b")


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
    "chips": labels.chips,
    "told": labels.told,
    "fact_name": _fact_name,
}
