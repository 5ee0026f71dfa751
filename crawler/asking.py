"""Says how a document's pages are asked for beside their address, and what may not be asked in a declaration."""

from __future__ import annotations

import re

from crawler.declaration import Declaration

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
RANGE = r"(?:\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)(?:;q=(?:0(?:\.[0-9]{1,3})?|1(?:\.0{1,3})?))?"
LANGUAGES = re.compile(rf"{RANGE}(?:, ?{RANGE}){{0,15}}")
SECRET = "a secret, which a declaration is no place for; only public pages are watched"  # noqa: S105
TRANSPORT = "set by the connection itself"
OURS = "set by Smallprint itself"
FORGED = 'a claim about who asks; Smallprint says who it is, and a proxy is declared as "proxy"'
REFUSED = {
    "authorization": SECRET,
    "cookie": SECRET,
    "cookie2": SECRET,
    "host": TRANSPORT,
    "connection": TRANSPORT,
    "keep-alive": TRANSPORT,
    "transfer-encoding": TRANSPORT,
    "te": TRANSPORT,
    "trailer": TRANSPORT,
    "upgrade": TRANSPORT,
    "expect": TRANSPORT,
    "accept-encoding": OURS,
    "range": OURS,
    "user-agent": OURS,
    "accept-language": 'set with "acceptLanguage"',
    "forwarded": FORGED,
    "from": FORGED,
    "origin": FORGED,
    "via": FORGED,
    "x-real-ip": FORGED,
    "true-client-ip": FORGED,
    "cf-connecting-ip": FORGED,
}
REFUSED_BEGINNINGS = {
    "proxy-": SECRET,
    "content-": "about a body, and pages are asked for without one",
    "if-": OURS,
    "sec-": "a browser's own",
    "x-forwarded-": FORGED,
    "x-http-method": "a way to do more than read a page",
    "x-method-": "a way to do more than read a page",
}
SECRETS = re.compile(r"(^|[-_])(auth|token|key|apikey|secret|password|session|credential)s?($|[-_])", re.IGNORECASE)


def header_fault(name: str, value: str) -> str:
    """Why a header may not be declared, "" where it may. The value is never repeated."""
    small = name.lower()
    if not TOKEN.fullmatch(name):
        return "is no name of a header"
    why = REFUSED.get(small) or next((why for start, why in REFUSED_BEGINNINGS.items() if small.startswith(start)), "")
    if not why and SECRETS.search(small):
        why = SECRET
    if why:
        return f"may not be declared: it is {why}"
    if not value.isascii() or not value.isprintable() or value != value.strip() or len(value) > 1000:
        return "should be one line of plain ASCII text, without spaces around it"
    return ""


def languages_fault(text: str) -> str:
    """Why a text is no Accept-Language header, "" where it is."""
    return "" if LANGUAGES.fullmatch(text) else 'no list of languages, such as "de" or "pt-BR, pt;q=0.8, en;q=0.5"'


def headers(declaration: Declaration) -> dict[str, str]:
    """What the declared document is asked for with, beside what every page is."""
    named = dict(declaration.headers)
    if declaration.accept_language:
        named["Accept-Language"] = declaration.accept_language
    return named


def is_special(declaration: Declaration) -> bool:
    """Whether it is asked for in a way of its own.

    Such a document is never asked "has it changed?": a server that answers this by date alone would say no although we
    ask for another language than last time.
    """
    return bool(declaration.accept_language or declaration.headers or declaration.proxy)
