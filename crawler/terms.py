"""Turns the key of a document, such as `Help Page (objection form)`, into its type, or into what is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

# Open Terms Archive's terms types 2.2.0, in its order, so that declarations and histories can be exchanged.
SHARED = (
    "Terms of Service",
    "Privacy Policy",
    "Imprint",
    "Trackers Policy",
    "Developer Terms",
    "Community Guidelines",
    "Deceased Users",
    "Acceptable Use Policy",
    "Restricted Use Policy",
    "Commercial Terms",
    "Copyright Claims Policy",
    "Law Enforcement Guidelines",
    "Human Rights Policy",
    "In-App Purchases Policy",
    "Review Guidelines",
    "Brand Guidelines",
    "Quality Guidelines",
    "Data Controller Agreement",
    "Data Processor Agreement",
    "User Consent Policy",
    "Closed Captioning Policy",
    "Seller Warranty",
    "Single Sign-On Policy",
    "Vulnerability Disclosure Policy",
    "Live Policy",
    "Complaints Policy",
    "Conditions of Carriage",
    "General Conditions of Sale",
    "Marketplace Buyers Conditions",
    "Marketplace Sellers Conditions",
    "Ranking Parameters Description",
    "Premium Partner Conditions",
    "Platform to Business Notice",
    "Business Mediation Policy",
    "Business Privacy Policy",
    "Editorial Policy",
    "Anti-corruption Policy",
    "Accessibility Statement",
    "Hyperlinks Policy",
    "Whistleblower Policy",
    "Affiliate Agreement",
    "Service Level Agreement",
    "Content Monetisation Policy",
    "Advertising Content Policy",
)
# What the list above has no place for, and where companies say most about AI training.
OURS = ("Help Page", "AI Terms", "Settings Page", "Regional Privacy Notice")
TYPES = SHARED + OURS

# What companies call these documents, for hints and guesses: too far from the type's name for spelling to find it.
COMMON_NAMES = {
    "cookie policy": "Trackers Policy",
    "cookies": "Trackers Policy",
    "cookies policy": "Trackers Policy",
    "faq": "Help Page",
    "help": "Help Page",
    "privacy": "Privacy Policy",
    "privacy notice": "Privacy Policy",
    "privacy statement": "Privacy Policy",
    "settings": "Settings Page",
    "support": "Help Page",
    "support page": "Help Page",
    "terms": "Terms of Service",
    "terms and conditions": "Terms of Service",
    "terms of use": "Terms of Service",
    "tos": "Terms of Service",
    "user agreement": "Terms of Service",
}
# No slashes in a qualifier: exchange formats name files after the whole key.
KEY = re.compile(r"(?P<type>[^()]+?)(?: \((?P<qualifier>[^()/\\\s](?:[^()/\\]*[^()/\\\s])?)\))?")


def base_type(key: str) -> str:
    """The type without its qualifier; `key` itself where it has none."""
    found = KEY.fullmatch(key)
    return found["type"] if found else key


def fault(key: str) -> str:
    """What is wrong with the key of a document; empty where nothing is."""
    found = KEY.fullmatch(key)
    if not found or not key.isprintable():
        return 'not a terms type; write a type, or a type and a qualifier: "Help Page (objection form)"'
    if found["type"] not in TYPES:
        return f"unknown terms type{_hint(found['type'])}"
    return ""


def guess(texts: Iterable[str]) -> str:
    """The type that the first telling text names: a title, the path of an address; "" where none names one."""
    known = {_words(word): word for word in TYPES} | COMMON_NAMES
    for text in texts:
        words = f" {_words(text)} "
        for name in sorted(known, key=len, reverse=True):
            if f" {name} " in words:
                return known[name]
    return ""


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+", text.casefold()))


def _hint(name: str) -> str:
    """The types that the writer may have meant."""
    known = {word.casefold(): word for word in TYPES} | COMMON_NAMES
    near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
    return (
        f'; did you mean "{known[near[0]]}"?'
        if near
        else f"; ours are {', '.join(OURS)}, the others Open Terms Archive's"
    )
