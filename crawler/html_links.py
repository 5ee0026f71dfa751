"""Turns a link's target, as written in a page, into an absolute address without tracking, or into nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from crawler.plain import INVISIBLE

SCHEMES = ("http", "https", "mailto")
TRACKING = re.compile(
    r"(utm_\w+|[a-z]{0,4}clid|gclsrc|gbraid|wbraid|_gl|_ga|mc_[ce]id|_hs\w+|hsctatracking|mkt_tok|igsh(id)?|li_fat_id|vero_id|s_cid|oly_\w+_id|wickedid)\Z",
    re.IGNORECASE,
)
LONGEST = 2000
PROTECTED = "/cdn-cgi/l/email-protection#"


def link_target(base: str, dropped: Iterable[str] = ()) -> Callable[[str], str]:
    """A function from a href to its absolute address, "" where it is none that a reader could follow."""
    names = frozenset(dropped)

    @lru_cache(maxsize=4096)
    def target(href: str) -> str:
        try:
            return _absolute(base, href, names)
        except ValueError:  # such as a broken IPv6 address
            return ""

    return target


def cloudflare_email(code: str) -> str:
    """The e-mail address behind Cloudflare's obfuscation: the first byte is the key of the others; "" if it is none."""
    try:
        key, *rest = bytes.fromhex(code)
        address = bytes(byte ^ key for byte in rest).decode()
    except ValueError:
        return ""
    return address if "@" in address and address.isprintable() else ""


def _absolute(base: str, href: str, names: frozenset[str]) -> str:
    href = INVISIBLE.sub("", "".join(href.split()))
    if not href or href.startswith("#") or len(href) > LONGEST:
        return ""
    if PROTECTED in href:
        email = cloudflare_email(href.partition(PROTECTED)[2])
        return f"mailto:{email}" if email else ""
    parts = urlsplit(urljoin(base, href))
    if parts.scheme not in SCHEMES or (parts.scheme != "mailto" and not parts.hostname):
        return ""
    return urlunsplit(parts._replace(query=_without_tracking(parts.query, names)))


def _without_tracking(query: str, names: frozenset[str]) -> str:
    """The other parameters stay as they are, byte for byte."""
    kept = [pair for pair in query.split("&") if not _tracks(pair.partition("=")[0], names)]
    return "&".join(kept)


def _tracks(name: str, names: frozenset[str]) -> bool:
    return name in names or TRACKING.match(name) is not None
