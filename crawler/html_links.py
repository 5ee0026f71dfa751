"""Turns a link's target, as written in a page, into an absolute address without what differs by fetch, or into nothing.

A target that moves is news, so what a link leads to stays: `?id=42`, `?lang=en`, a form's id, a part of a page. Only
what marks the visit goes: tracking, sessions, signatures, times, and values that a machine has drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from crawler.plain import INVISIBLE

SCHEMES = ("http", "https", "mailto")
LONGEST = 2000
DEEPEST = 3  # addresses within addresses that are looked at
PROTECTED = "/cdn-cgi/l/email-protection"

# Names that never say where a link leads: campaigns, clicks, sessions, proofs that a form is ours, signed access.
TRACKING = re.compile(
    r"(utm|mtm|pk|piwik|matomo)_\w+|__?hs\w+|hsctatracking|[a-z]{0,4}clk?id|\w*click_?id|gclsrc|gbraid|wbraid|_gl|_ga"
    r"|mc_[ce]id|mkt_tok|igsh(id)?|li_fat_id|vero_id|s_cid|oly_\w+_id|wickedid|srsltid|mibextid|__tn__|__cft__.*"
    r"|tracking_?id|(j|php|asp|asp\.net_?)?session_?(id|key|token)|jsessid|phpsessid|aspsessionid\w*|cfid|cftoken"
    r"|(__cf_chl|_nc)_\w+|x-(amz|goog|oss|cos|tos)-[\w-]+|nonce|_?(csrf|xsrf)\w*|authenticity_token"
    r"|(request|req|ray|trace|correlation|visit(or)?|device)_?id",
    re.IGNORECASE,
)
# Names that only keep a page out of a cache, where a number follows.
FRESHENING = re.compile(r"_|cb|rand(om)?|rnd|no_?cache|cache_?bust(er)?", re.IGNORECASE)
COUNTED = re.compile(r"\d{4,}|\d+\.\d+")
# A signature, and what is said beside it of how long and for whom it holds.
SIGNATURE = re.compile(r"sig|(x-\w+-)?signature|hmac|oh|hdn(ts|ea)", re.IGNORECASE)
SIGNING = 10  # characters from which a value may be one
SIGNED = re.compile(
    r"exp|expires?|policy|key-pair-id|googleaccessid|(aws|oss)accesskeyid|s[evprt]|spr|sks|skt|ske|skv|skoid|sktid"
    r"|oe|ccb|stp|edm|efg",
    re.IGNORECASE,
)
REFERRER = re.compile(r"(http_?)?referr?er(_?ur[il])?|ref_?ur[il]", re.IGNORECASE)
# Names of a thing that a link leads to, which may well be called by what a machine has drawn or counted.
_THING = r"form|doc|document|article|page|file|folder|survey|item|list|video|topic|key"
THING = re.compile(
    rf"(.*({_THING}|template|policy|type|category|section|product|app|client|org|tenant|portal|channel|node|post|res)"
    rf"[_-]?)?id|{_THING}|k",
    re.IGNORECASE,
)

UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
NOBODY = "00000000-0000-0000-0000-000000000000"
HEX = re.compile(r"(?<![A-Za-z0-9])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{16,}(?![A-Za-z0-9])", re.IGNORECASE)
# Where small letters, capitals and digits take turns; a capital may begin a word.
TURN = re.compile(r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])")
MIXED = 0.2  # of the letters are turns in what a machine draws, but not in words and numbers
SCRAMBLED = 20  # characters from which that can be told
EPOCH = re.compile(r"(1[4-9]|20)\d{8}(\d{3})?(\.\d+)?")  # seconds or milliseconds, from 2014 to 2036
MOMENT = re.compile(r"20\d\d-?\d\d-?\d\d[T +]\d\d:?\d\d(:?\d\d)?\S*")  # a day alone may be the date of a version
ADDRESS = re.compile(r"https?://|/(?![A-Za-z0-9+/]*=*\Z)", re.IGNORECASE)  # base64 may begin with a stroke, too

# An address with nothing in it to leave out, as most are: no query, and no part of the path is long enough.
PLAIN = re.compile(r"(https?://[a-z0-9.-]+)?(?!/cdn-cgi/)((/[a-zA-Z_][\w.-]{0,30})+/?|/)", re.ASCII)
ORIGIN = re.compile(r"https?://[a-z0-9.:-]+(?=/|\Z)", re.ASCII)
IN_PATH = re.compile(
    r";(jsessionid|sessionid|phpsessid|sid)=[^/;]*"
    r"|/\(([A-Z]\([^()/]*\))+\)(?=/)"
    r"|/(hdnts|hdnea|exp)=[^/]*~hmac=[^/]*(?=/)",
    re.IGNORECASE,
)
REDIRECTED = re.compile(
    rf"(/(?:redirect|redir|click|track|exit|away|outbound)/[^/]*?){UUID.pattern}(?=[^/]*/.)", re.IGNORECASE
)
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
GENERATED = re.compile(r"[\w-]*[:«_]r[0-9a-z]{1,4}[:»_].*")  # what a page's program calls a part, by counting


def link_target(base: str, dropped: Iterable[str] = ()) -> Callable[[str], str]:
    """A function from a href to its absolute address, "" where it is none that a reader could follow.

    `dropped` are names of parameters that mean nothing on this page.
    """
    names, origin = frozenset(dropped), ORIGIN.match(base)

    @lru_cache(maxsize=4096)
    def target(href: str) -> str:
        plain = origin and len(href) <= LONGEST and PLAIN.fullmatch(href)
        if origin and plain:
            return href if plain[1] else origin[0] + href
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
        email = cloudflare_email(href.partition(f"{PROTECTED}#")[2])
        return f"mailto:{email}" if email else ""
    address = urljoin(base, href)
    parts = urlsplit(address)
    if parts.scheme not in SCHEMES or (parts.scheme != "mailto" and not parts.hostname):
        return ""
    return _without_visit(address, names)


def _without_visit(address: str, names: frozenset[str], depth: int = 0) -> str:
    """The address without what marks the visit; what stays is the same, byte for byte."""
    parts = urlsplit(address)
    query = _without_marks(parts.query, names, depth)
    if parts.scheme == "mailto":
        return urlunsplit(parts._replace(path=_plain_email(parts.path), query=query))
    path = REDIRECTED.sub(rf"\g<1>{NOBODY}", IN_PATH.sub("", parts.path))
    return urlunsplit(parts._replace(path=path, query=query, fragment=_place(parts.fragment, names, depth)))


def _plain_email(address: str) -> str:
    """An address whose letters are written as numbers, other ones at each fetch, to hide it from collectors."""
    plain = unquote(address)
    return plain if EMAIL.fullmatch(plain) else address


def _place(fragment: str, names: frozenset[str], depth: int) -> str:
    """The part of the page that a fragment names, without words to be marked in it."""
    place = fragment.partition(":~:")[0]
    path, mark, query = place.rpartition("?")
    if "=" in query:
        query = _without_marks(query, names, depth)
        return f"{path}{mark}{query}" if query else path
    return "" if GENERATED.fullmatch(place) or UUID.fullmatch(place) else place


def _without_marks(query: str, names: frozenset[str], depth: int) -> str:
    """The parameters that say where the link leads."""
    if not query:
        return ""
    pairs = [pair.partition("=") for pair in query.split("&")]
    signed = any(SIGNATURE.fullmatch(name) and len(value) >= SIGNING for name, _, value in pairs)
    kept = []
    for name, sign, value in pairs:
        known, told = unquote(name), unquote(value)
        if name in names or _names_visit(known, told) or (signed and _is_access(known)):
            continue
        if ADDRESS.match(told) and depth < DEEPEST:
            kept.append(f"{name}{sign}{_inner(value, told, depth)}")
        elif _leads(known, told):
            kept.append(f"{name}{sign}{value}")
    return "&".join(kept)


def _leads(name: str, value: str) -> bool:
    """Whether the parameter may say where the link leads: by its name, or as its value is none of chance."""
    if THING.fullmatch(name):
        return True
    return not _is_drawn(value) and (name.lower().endswith("id") or not _is_time(value))


def _names_visit(name: str, value: str) -> bool:
    """Whether the name tells that the parameter is about the visit, not about what is visited."""
    if TRACKING.fullmatch(name):
        return True
    if REFERRER.fullmatch(name):
        return ADDRESS.match(value) is not None
    return FRESHENING.fullmatch(name) is not None and COUNTED.fullmatch(value) is not None


def _is_access(name: str) -> bool:
    """Whether the parameter belongs to a signature: without it the link leads to the same, if to fewer people."""
    return SIGNATURE.fullmatch(name) is not None or SIGNED.fullmatch(name) is not None


def _inner(value: str, told: str, depth: int) -> str:
    """An address in an address, such as that of the page to go back to."""
    try:
        inner = _without_visit(told, frozenset(), depth + 1)
    except ValueError:
        return value
    return value if inner == told else quote(inner, safe="")


def _is_drawn(value: str) -> bool:
    """Whether a machine drew the value, as no person would name a thing."""
    if UUID.search(value) or HEX.search(value):
        return True
    if len(value) < SCRAMBLED or not any(map(str.isdigit, value)):
        return False
    return len(TURN.findall(value)) >= MIXED * len(value)


def _is_time(value: str) -> bool:
    """Whether a value was read from a clock."""
    return EPOCH.fullmatch(value) is not None or MOMENT.fullmatch(value) is not None
