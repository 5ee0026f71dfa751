"""Turns what a pattern found in a sentence into the value of a fact: a date, a path through menus, plain words."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from diffing.dates import iso
from diffing.regions import codes, names_region

LINK = re.compile(r"\[((?:[^\[\]\\]|\\.){0,300})\]\(([^()\s]{0,1000})(?:\s\"[^\"]{0,200}\")?\)")
MARKS = re.compile(r"\*{1,3}|\\(?=[^\w\s]|_)|<[^<>]{1,300}>")
BLANKS = re.compile(r"[ \t\r\n\xa0]{1,1000}")
HIDDEN = "/cdn-cgi/l/email-protection"  # where an address was taken out of the page
ABBREVIATION = re.compile(r"\b(?:\w\.){2,5}$|\b(?:Inc|Ltd|Co|Corp)\.$")
EDGES = " \t\r\n,:*_"
ARROW = re.compile(r"\s{0,3}(?:[>›→»⟩▸]|[-–=]{1,2}>|\\>|&gt;)\s{0,3}")
THEN = re.compile(
    r",?\s(?:and\s)?(?:then\s)?(?:(?:click|tap|press|select|choose|open|go|navigate|scroll|look|switch|turn|toggle|disable"
    r"|uncheck|untick|deselect|deactivate|under|in|find)\s)?(?:(?:off|on|to|down|for|of|under)\s){0,2}(?:the\s|your\s)?"
    r"(?=[\"“‘A-Z])",
)
QUOTES = "\"'“”‘’ "
APART = re.compile(r",?\s(?:and|or|nor|as\swell\sas)\s|,\s")
GROUP = re.compile(
    r"\b(?:minors?|child(?:ren)?|kids|teen(?:ager)?s?|students?|pupils|schools?|teachers|educat\w+|enterprises?|business(?:es)?"
    r"|teams?|governments?|customers?|users?|accounts?|plans?|tiers?|workspaces?|employees|subscribers?|members?|admins?"
    r"|organi[sz]ations?|developers|clients|under\s1\d)\b",
    re.IGNORECASE,
)
PEOPLE = re.compile(
    r"(?:(?:any|our|all|the)\s)?(?:users?|people|residents|members|those|anyone|individuals|customers|consumers|citizens"
    r"|persons?|visitors)\b",
    re.IGNORECASE,
)
LOOSE = re.compile(r"(?:,?\s(?:and|or|nor|as\swell\sas)|,)$")
JOINED = re.compile(r"^(?:(?:and|or|nor|to|for|from|in|by)\s){1,3}")


def settle(kind: str, value: str, seen: date | None) -> str:
    """The value as we keep it: an ISO date, "true", a path, or the words as written; empty where it cannot be told."""
    if kind == "effective":
        return iso(value, seen)
    return "true" if kind == "not_retroactive" else value


def trimmed(value: str) -> str:
    """Without what hangs on at its ends: blanks, commas, a full stop, one half of a pair of brackets."""
    value = BLANKS.sub(" ", value).strip(EDGES)
    if value.endswith(".") and not ABBREVIATION.search(value, max(0, len(value) - 12)):
        value = value[:-1].rstrip(EDGES)
    for opening, closing in ("()", "“”"):
        if value.endswith(closing) and value.count(closing) > value.count(opening):
            value = value[:-1]
        if value.startswith(opening) and value.count(opening) > value.count(closing):
            value = value[1:]
    if value.count("(") > value.count(")"):
        value = value + ")" if "http" in value.rpartition("(")[2] else value.rpartition("(")[0]
    return value.strip(EDGES)


def path(value: str) -> str:
    """The menus of a path, joined by " > ": "Settings, then Privacy" and "Settings → Privacy" are one."""
    steps = ARROW.split(value) if ARROW.search(value) else THEN.split(value)
    return " > ".join(step for written in steps if (step := written.strip(QUOTES + EDGES)))


@lru_cache(maxsize=200)
def plain(text: str, links: bool) -> str:
    """A sentence without Markdown: a fact is told to people. With `links`, a target stands behind its words."""
    return MARKS.sub("", LINK.sub(_with_target if links else r"\1", text))


def _with_target(found: re.Match[str]) -> str:
    words, target = found[1].strip(), found[2]
    if target.startswith("mailto:"):
        target = target.removeprefix("mailto:").partition("?")[0]
    elif not target.startswith(("https://", "http://")) or HIDDEN in target:
        return words
    bare = words.replace("\\", "").rstrip("/")
    return target if not words or bare in target else f"{words} ({target})"


def exempted(value: str) -> list[tuple[str, tuple[str, ...]]]:
    """Who is exempt, regions apart from groups: each as written with the ISO codes of its regions, none for a group.

    "enterprise customers and users in the EU" are two; "schools in Norway" is one, and so is "the EU, UK and Norway".
    """
    starts, regional = [0], None
    for begin, end in _parts(value):
        part = JOINED.sub("", value[begin:end])
        region = names_region(part)
        kind = region if region or GROUP.search(part) else None
        if kind is not None and regional is not None and kind is not regional and (not kind or _begins_anew(part)):
            starts.append(begin)
        regional = kind if kind is not None else regional
    cuts = [value[begin:end] for begin, end in zip(starts, [*starts[1:], len(value)], strict=True)]
    told = [JOINED.sub("", LOOSE.sub("", cut.strip(EDGES))) for cut in cuts]
    return [(one, codes(one)) for one in told if one]


def _parts(value: str) -> list[tuple[int, int]]:
    """Where the parts of an enumeration stand."""
    borders = [(found.start(), found.end()) for found in APART.finditer(value)]
    begins = [0, *(end for _, end in borders)]
    return list(zip(begins, [*(start for start, _ in borders), len(value)], strict=True))


def _begins_anew(part: str) -> bool:
    """Whether a region does not only say where the group before it is."""
    return bool(PEOPLE.match(part)) or part.removeprefix("the ")[:1].isupper()
