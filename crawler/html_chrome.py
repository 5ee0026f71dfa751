"""Tells from a tag's name, words and figures whether it belongs to the site (menus, banners) or to the document.

Legal text must not be lost. So a tag goes only for what it is called together with what it holds: links and buttons,
not sentences; and never a large part of the page.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crawler.html_measure import Figures
from crawler.html_tree import Node

A_PART = 0.3  # of the running text: more than this is no header, footer or banner
ENOUGH = 300  # characters of running text that make a page without the tag in question
LONGEST_WALL = 4000  # characters of a dialog that only asks about cookies

MENUS = frozenset(["navigation", "banner", "contentinfo", "search", "menu", "menubar", "tablist", "toolbar"])
DIALOGS = frozenset(["dialog", "alertdialog", "tooltip"])
CONTAINERS = frozenset(["div", "section", "ul", "ol", "form", "header", "footer", "aside", "table"])
CONSENT_TOOLS = re.compile(
    r"(?<![a-z])(onetrust|cybotcookie|cookiebot|usercentrics|didomi|truste(?![a-z])|qc-cmp|sp_message_container|iubenda-cs"
    r"|osano-cm|termly-|cky-|cmplz-|hs-eu-cookie|klaro|axeptio|borlabs|cookiescript|evidon|shopify-pc__banner|fc-consent)",
    re.IGNORECASE,
)
COOKIE_BANNER = re.compile(
    r"(cookie|consent|gdpr|ccpa)[a-z]*[-_]{0,2}"
    r"(banner|bar|pop|modal|dialog|confirm|overlay|wall|prompt|notice|notification|layer|toast|manager|message|alert|consent)",
    re.IGNORECASE,
)
# Words that name what surrounds a document, and words that may as well name a part of one.
SURE_WORDS = frozenset(
    [
        *("breadcrumb", "breadcrumbs", "nav", "navbar", "navigation", "subnav", "sidenav", "topnav", "sidebar", "menu"),
        *("megamenu", "topbar", "toolbar", "masthead", "footer", "pagination", "pager", "share", "social", "modal"),
        *("popup", "lightbox"),
    ]
)
UNSURE_WORDS = frozenset(
    [
        *("header", "related", "recommended", "recommendations", "newsletter", "subscribe", "signup", "promo", "login"),
        *("feedback", "helpful", "rating", "vote", "search", "language", "locale", "advert", "banner", "skip"),
    ]
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
HIDDEN_LABEL = re.compile(r"(?<![a-z])(sr-only|visually-?hidden|screen-reader(-text|-only)?)(?![a-z])", re.IGNORECASE)
ACCORDION = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target")
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"])


class Place(NamedTuple):
    """Where a tag stands: inside an article or section, or beside a `main` element that holds a text."""

    in_article: bool
    beside_main: bool


def is_chrome(tag: Node, figures: Figures, whole: Figures, place: Place) -> bool:
    """Whether a tag that holds the figures is the site's, in a page that holds `whole`."""
    if not figures.total or tag.name in ("html", "body", "main", "article"):
        return False
    if _floats(tag):
        rest = whole.running - figures.running
        return rest >= min(ENOUGH, figures.running) or _asks_about_cookies(figures)
    small = figures.running <= A_PART * whole.running
    if figures.titles or not (small or place.beside_main):
        return False
    return _is_site_part(tag, figures, place.in_article) or (small and _is_named(tag, figures, whole, place.in_article))


def is_control(tag: Node) -> bool:
    """Whether the tag is a button that does something (not the clickable heading of a section) or a hidden label."""
    if tag.name == "button":
        parents = [parent.name for parent in tag.parents(3)]
        return not any(name in tag.attrs for name in ACCORDION) and HEADINGS.isdisjoint(parents)
    return tag.name == "span" and "class" in tag.attrs and _names(tag.attrs["class"]).hidden


def is_wordless(figures: Figures) -> bool:
    """Whether what stands beside the text is only links, or a handful of labels: no title, no sentence."""
    return not figures.titles and (figures.link_share >= 0.5 or _is_labels(figures))


def _is_labels(figures: Figures) -> bool:
    """Whether there are only short texts; a year may be the date of the document."""
    return not figures.running and not figures.headings and not figures.dates and figures.texts > 2


def _floats(tag: Node) -> bool:
    """Whether the tag lies above the page until it is answered: a dialog or a consent tool."""
    role, modal = tag.attrs.get("role"), tag.attrs.get("aria-modal")
    return tag.name == "dialog" or role in DIALOGS or modal == "true" or _called(tag).consent_tool


def _asks_about_cookies(figures: Figures) -> bool:
    """Whether a dialog is a wall of consent: without a text behind it there is no document."""
    return figures.total < LONGEST_WALL and figures.cookies > 0


def _is_site_part(tag: Node, figures: Figures, in_article: bool) -> bool:
    """Whether the tag is, by its name or role, a menu or the site's header, footer or margin."""
    role = tag.attrs.get("role")
    if tag.name == "nav" or role in MENUS:
        return True
    if tag.name == "footer" and not in_article:
        return True
    if tag.name in ("header", "footer", "aside") or role == "complementary":
        return figures.link_share >= 0.4 or (_is_labels(figures) and not in_article)
    return False


def _is_named(tag: Node, figures: Figures, whole: Figures, in_article: bool) -> bool:
    """Whether a class or the id names the tag as chrome, and what it holds agrees."""
    if tag.name not in CONTAINERS:
        return False
    called = _called(tag)
    if called.cookie_banner and figures.controls and not in_article:
        return True
    if called.sure:
        labels = not figures.running and not figures.headings and figures.texts > 2
        return figures.link_share >= 0.5 or labels or (not in_article and _is_small_print(figures, whole))
    return called.unsure and (figures.link_share >= 0.5 or (_is_labels(figures) and figures.controls > 0))


def _is_small_print(figures: Figures, whole: Figures) -> bool:
    """Links with a line or two among them, such as a copyright notice."""
    return figures.link_share >= 0.2 and figures.running <= 0.05 * whole.running


class Called(NamedTuple):
    """What the id and the classes of a tag say of it."""

    consent_tool: bool
    cookie_banner: bool
    sure: bool
    unsure: bool
    hidden: bool


def _called(tag: Node) -> Called:
    attrs = tag.attrs
    return _names(f"{attrs.get('class', '')} {attrs.get('id', '')}") if attrs else NOTHING


@lru_cache(maxsize=2**12)  # a page has the same few classes everywhere
def _names(names: str) -> Called:
    words = {word.lower() for word in WORD.findall(names)}
    return Called(
        consent_tool=CONSENT_TOOLS.search(names) is not None,
        cookie_banner=COOKIE_BANNER.search(names) is not None,
        sure=not words.isdisjoint(SURE_WORDS),
        unsure=not words.isdisjoint(UNSURE_WORDS),
        hidden=HIDDEN_LABEL.search(names) is not None,
    )


NOTHING = Called(consent_tool=False, cookie_banner=False, sure=False, unsure=False, hidden=False)
