"""Turns the JSON values of a declaration into sources, or into one line that names the file, the key and the fault."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, cast
from urllib.parse import SplitResult, urldefrag, urlsplit

import soupsieve

from archive.errors import DeclarationError
from archive.words import Document
from crawler import asking, terms
from crawler.declaration import Declaration, Range, Selector, Source

SERVICE_KEYS = ("name", "owner", "terms", "importedFrom")
LONGEST_OWNER = 100  # characters
SHAREABLE = ("select", "remove", "filter", "executeClientScripts")
SOURCE_KEYS = ("fetch", *SHAREABLE)
TERMS_KEYS = ("fetch", "combine", *SHAREABLE, "region", "language", "acceptLanguage", "headers", "proxy")
STARTS = {"startBefore": True, "startAfter": False}
ENDS = {"endBefore": False, "endAfter": True}
BUILT_IN = "removeQueryParams"
JSON_NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
Json = dict[str, object]


class Service(NamedTuple):
    """Whose documents a file declares."""

    id: str
    name: str
    owner: str = ""  # the company behind it, where it is named


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a declaration: the file and the keys that lead there."""

    file: Path
    keys: tuple[str | int, ...] = ()

    def at(self, key: str | int) -> Place:
        """The place one key, or one number of a list, further in."""
        return Place(self.file, (*self.keys, key))

    def fault(self, text: str) -> DeclarationError:
        """The error to raise: one line, whatever the file holds (imported files are written by others)."""
        steps = [f"[{key}]" if isinstance(key, int) else f".{_plain_or_quoted(key)}" for key in self.keys]
        parts = [str(self.file), "".join(steps).lstrip("."), text]
        return DeclarationError(printable(": ".join(part for part in parts if part)))


def printable(text: str) -> str:
    """The text with line breaks and other control characters made visible."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def quoted(value: object) -> str:
    """A value as it stands in the file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"


def an_object(value: object, place: Place, known: tuple[str, ...] = ()) -> Json:
    """The value, if it is an object with no other keys than the known ones."""
    if not isinstance(value, dict):
        raise place.fault(f"should be an object, is {_json_name(value)}")
    for key in value:
        if known and key not in known:
            raise place.at(key).fault(f"unknown key; known keys are {', '.join(known)}")
    return value


def a_text(value: object, place: Place) -> str:
    """The value, if it is one line of text."""
    if not isinstance(value, str):
        raise place.fault(f"should be text, is {_json_name(value)}")
    if not value.strip():
        raise place.fault("is empty")
    if not value.isprintable():
        raise place.fault("has control characters or line breaks")
    return value


def an_owner(service: Json, place: Place) -> str:
    """The company behind a service, as its file at this place names it; "" where it does not."""
    if "owner" not in service:
        return ""
    owner = a_text(service["owner"], place.at("owner"))
    if len(owner) > LONGEST_OWNER:
        raise place.at("owner").fault(f"has {len(owner)} characters; {LONGEST_OWNER} are the most")
    return owner


def declaration(value: object, place: Place, service: Service, key: str = "", variant: str = "") -> Declaration:
    """One document of a service; `place` ends with its key, or with that of its variant."""
    key = key or str(place.keys[-1])
    if wrong := terms.fault(key):
        raise place.fault(wrong)
    entry = an_object(value, place, TERMS_KEYS)
    sources = _sources(entry, place)
    region, proxy = (a_text(entry[name], place.at(name)) if name in entry else "" for name in ("region", "proxy"))
    language = _language(entry, place)
    document = Document(service.id, key, sources[0].fetch, service.name, region, language, owner=service.owner)
    return Declaration(document, sources, variant, _accept_language(entry, place), _headers(entry, place), proxy)


def _accept_language(entry: Json, place: Place) -> str:
    if "acceptLanguage" not in entry:
        return ""
    here = place.at("acceptLanguage")
    text = a_text(entry["acceptLanguage"], here)
    if wrong := asking.languages_fault(text):
        raise here.fault(f"{quoted(text)} is {wrong}")
    return text


def _headers(entry: Json, place: Place) -> tuple[tuple[str, str], ...]:
    here, seen = place.at("headers"), dict[str, str]()
    named = an_object(entry.get("headers", {}), here)
    for name, value in named.items():
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise here.at(name).fault(f"stands here as {quoted(other)} too")
        if wrong := asking.header_fault(name, a_text(value, here.at(name))):
            raise here.at(name).fault(wrong)
    return tuple((name, str(value)) for name, value in named.items())


def _language(entry: Json, place: Place) -> str:
    language = a_text(entry["language"], place.at("language")) if "language" in entry else ""
    if language and not LANGUAGE.fullmatch(language):
        raise place.at("language").fault(f'{quoted(language)} is no language code, such as "en" or "pt-BR"')
    return language


def _sources(entry: Json, place: Place) -> tuple[Source, ...]:
    if "combine" not in entry:
        return (_source(entry, place),)
    if "fetch" in entry:
        raise place.fault('has both "fetch" and "combine"; put the address into "combine"')
    parts = _a_list(entry["combine"], place.at("combine"))
    # What stands beside `combine` holds for every part that does not say otherwise.
    defaults = {key: entry[key] for key in SHAREABLE if key in entry}
    _rules(defaults, place)  # so that a fault of theirs is reported in its own place, not in a part
    sources = []
    for number, part in enumerate(parts):
        here = place.at("combine").at(number)
        sources.append(_source(defaults | an_object(part, here, SOURCE_KEYS), here))
    _refuse_twice(sources, place)
    return tuple(sources)


def _refuse_twice(sources: list[Source], place: Place) -> None:
    """One page once in a document: a crawler drops the second request, and the document would never be complete."""
    seen = dict[str, int]()
    for number, source in enumerate(sources):
        first = seen.setdefault(urldefrag(source.fetch).url, number)
        if first != number:
            here = place.at("combine").at(number).at("fetch")
            raise here.fault(f"the same page as combine[{first}]; give one part several selectors instead")


def _source(entry: Json, place: Place) -> Source:
    if "fetch" not in entry:
        raise place.fault('"fetch" is missing: the address of the page')
    return replace(_rules(entry, place), fetch=_address(entry["fetch"], place.at("fetch")))


def _rules(entry: Json, place: Place) -> Source:
    """What counts on a page, with no page yet."""
    return Source(
        fetch="",
        select=_selectors(entry, "select", place),
        remove=_selectors(entry, "remove", place),
        remove_query_params=_query_params(entry, place),
        client_scripts=_client_scripts(entry, place),
    )


def _address(value: object, place: Place) -> str:
    address = a_text(value, place)
    if "\\" in address or any(char.isspace() for char in address):
        raise place.fault(f"{quoted(address)} has a backslash or a space; a web address has neither")
    parts = _split(address, place)
    if parts.scheme not in ("http", "https"):
        raise place.fault(f"{quoted(address)} should begin with https:// or http://")
    if not (parts.hostname or "").strip("."):
        raise place.fault(f"{quoted(address)} has no host")
    if "@" in parts.netloc:
        # The address is not repeated: it may hold a password, and errors end in logs.
        raise place.fault("has a user name or password in it; only public pages are watched")
    return address


def _split(address: str, place: Place) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # read only for its check
    except ValueError as error:
        raise place.fault(f"not a web address: {error}") from None
    return parts


def _selectors(entry: Json, key: str, place: Place) -> tuple[Selector, ...]:
    if key not in entry:
        return ()
    value, here = entry[key], place.at(key)
    if not isinstance(value, list):
        return (_selector(value, here),)
    if not value and key == "select":
        raise here.fault("is empty; leave it out to have the main content found")
    return tuple(_selector(item, here.at(number)) for number, item in enumerate(value))


def _selector(value: object, place: Place) -> Selector:
    if isinstance(value, dict):
        return _range(an_object(value, place, (*STARTS, *ENDS)), place)
    if not isinstance(value, str):
        raise place.fault(f"should be a CSS selector or a range, is {_json_name(value)}")
    return _css(value, place)


def _range(entry: Json, place: Place) -> Range:
    start, end = _one_of(entry, tuple(STARTS), place), _one_of(entry, tuple(ENDS), place)
    return Range(
        start=_css(entry[start], place.at(start)),
        end=_css(entry[end], place.at(end)),
        start_included=STARTS[start],
        end_included=ENDS[end],
    )


def _one_of(entry: Json, keys: tuple[str, ...], place: Place) -> str:
    present = [key for key in keys if key in entry]
    if len(present) != 1:
        many = "has both" if present else "needs one of"
        raise place.fault(f"a range {many} {keys[0]} and {keys[1]}{'; keep one' if present else ''}")
    return present[0]


def _css(value: object, place: Place) -> str:
    selector = a_text(value, place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # an outdated selector is a fault now, not on some later day
            soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, FutureWarning) as error:
        raise place.fault(f"{quoted(selector)} is no CSS selector: {str(error).splitlines()[0]}") from None
    return selector


def _query_params(entry: Json, place: Place) -> tuple[str, ...]:
    here = place.at("filter")
    names: list[str] = []
    for number, item in enumerate(_a_list(entry["filter"], here, may_be_empty=True) if "filter" in entry else ()):
        if not isinstance(item, dict) or list(item) != [BUILT_IN]:
            raise here.at(number).fault(
                f"{quoted(item)} is a JavaScript filter, which Smallprint does not run; "
                f'the one filter it has is {{"{BUILT_IN}": ["name", …]}}'
            )
        names.extend(_param_names(item[BUILT_IN], here.at(number).at(BUILT_IN)))
    return tuple(names)


def _param_names(value: object, place: Place) -> list[str]:
    items = _a_list([value] if isinstance(value, str) else value, place)
    return [a_text(item, place.at(number)) for number, item in enumerate(items)]


def _client_scripts(entry: Json, place: Place) -> bool | None:
    value = entry.get("executeClientScripts")
    if "executeClientScripts" in entry and not isinstance(value, bool):
        raise place.at("executeClientScripts").fault(f"should be true or false, is {_json_name(value)}")
    return cast("bool | None", value)


def _a_list(value: object, place: Place, may_be_empty: bool = False) -> list[object]:
    if not isinstance(value, list):
        raise place.fault(f"should be a list, is {_json_name(value)}")
    if not value and not may_be_empty:
        raise place.fault("is empty")
    return value


def _plain_or_quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z]\w*", key) else quoted(key)


def _json_name(value: object) -> str:
    return JSON_NAMES.get(type(value), "a number")
