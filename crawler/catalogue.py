"""Turns folders of declarations, one JSON file a service, into the catalogue: each service's documents, by its id."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

from archive.errors import DeclarationError
from crawler import terms, variants
from crawler.declaration import Declaration
from crawler.schema import SERVICE_KEYS, Place, Service, a_text, an_object, an_owner, printable, quoted

Catalogue = dict[str, list[Declaration]]
HISTORY = ".history.json"  # Open Terms Archive keeps outdated declarations beside the current ones


def load(folders: Sequence[Path]) -> Catalogue:
    """Every service's documents, by service id. A later folder's file replaces the same service of an earlier one."""
    files = dict[str, Path]()
    for folder in folders:
        files |= _own_files(folder, files)
    return {identifier: load_file(files[identifier]) for identifier in sorted(files, key=str.casefold)}


def load_file(path: Path) -> list[Declaration]:
    """The documents of one service, in the file's order. The file's name is the service's id."""
    return declarations(read_json(path), path)


def declarations(value: object, path: Path) -> list[Declaration]:
    """The documents declared by the value of a file, read strictly: the first fault is an error."""
    place, identifier = Place(path), service_id(path)
    service = an_object(value, place, SERVICE_KEYS)
    name = a_text(_needed(service, "name", place), place.at("name"))
    if "importedFrom" in service:
        a_text(service["importedFrom"], place.at("importedFrom"))
    here = place.at("terms")
    documents = an_object(_needed(service, "terms", place), here)
    if not documents:
        raise here.fault("is empty; a service has at least one document")
    _refuse_alike(documents, here)
    service_of = Service(identifier, name, an_owner(service, place))
    return [one for key, entry in documents.items() for one in variants.declarations(entry, here.at(key), service_of)]


def find(catalogue: Mapping[str, Sequence[Declaration]], names: Sequence[str]) -> list[Declaration]:
    """The documents that people mean by service ids, service names or "Service: Document type", in any letter case.

    "LinkedIn: Help Page" means all of LinkedIn's help pages, "LinkedIn: Privacy Policy" that of every region, and
    "LinkedIn: Privacy Policy (EU)" one. Each document comes once, however often it is named.
    """
    known, found = _by_name(catalogue), dict[tuple[str, str, str], Declaration]()
    for name in names:
        wanted = _spelled(name)
        if wanted not in known:
            raise DeclarationError(printable(f"{quoted(name)} is not in the catalogue{_near(catalogue, wanted)}"))
        for one in known[wanted]:
            found.setdefault((one.document.service, one.document.type, one.document.region), one)
    return list(found.values())


def files_in(folder: Path) -> list[Path]:
    """The files of a folder that declare services: hidden files and histories are left out."""
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        raise DeclarationError(f"{printable(str(folder))}: no such folder of declarations") from None
    except OSError as error:
        raise DeclarationError(f"{printable(str(folder))}: cannot be read as a folder: {error.strerror}") from None
    return [path for path in paths if path.suffix == ".json" and not path.name.startswith(".") and not is_history(path)]


def is_history(path: Path) -> bool:
    """Whether a file holds outdated declarations, which are not watched."""
    return path.name.endswith(HISTORY)


def service_id(path: Path) -> str:
    """The service's id: the file's name, letters composed (macOS takes them apart), so that it is one id everywhere."""
    identifier = unicodedata.normalize("NFC", path.stem)
    if not identifier.isprintable() or "\\" in identifier:
        raise Place(path).fault("the file's name is the service's id: no backslash and no control characters in it")
    if identifier.startswith(".") or identifier != identifier.strip():
        raise Place(path).fault("the file's name is the service's id: no dot before it, no space before or after it")
    return identifier


def read_json(path: Path) -> object:
    """The file's value, read as UTF-8; a key that stands twice in one object is a fault, for one would be lost."""
    place = Place(path)
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=lambda pairs: _once(pairs, place))
    except OSError as error:
        raise place.fault(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise place.fault(f"not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise place.fault(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise place.fault(f"not JSON that can be read: {error}") from None


def _once(pairs: list[tuple[str, object]], place: Place) -> dict[str, object]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise place.fault(f"the key {quoted(twice)} stands twice in one object")
    return result


def _needed(service: dict[str, object], key: str, place: Place) -> object:
    if key not in service:
        raise place.fault(f"{quoted(key)} is missing")
    return service[key]


def _refuse_alike(documents: Mapping[str, object], place: Place) -> None:
    """No two documents that differ in letter case only: commands could not tell them apart."""
    seen = dict[str, str]()
    for key in documents:
        other = seen.setdefault(key.casefold(), key)
        if other != key:
            raise place.at(key).fault(f"differs from {quoted(other)} in letter case only")


def _own_files(folder: Path, earlier: Mapping[str, Path]) -> dict[str, Path]:
    """The folder's files by service id, none of them alike to another or to an earlier folder's but for letter case."""
    known = {identifier.casefold(): path for identifier, path in earlier.items()}
    own = dict[str, Path]()
    for path in files_in(folder):
        identifier = service_id(path)
        other = known.get(identifier.casefold())
        if other and (service_id(other) != identifier or identifier in own):
            raise Place(path).fault(
                f"declares the same service as {other}; give both files one and the same name, or drop one"
            )
        own[identifier] = known[identifier.casefold()] = path
    if not own:
        raise DeclarationError(
            f"{printable(str(folder))}: no declarations here; a declaration is a file such as LinkedIn.json"
        )
    return own


def _spelled(name: str) -> str:
    """A name as it is looked for, in small letters."""
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _by_name(catalogue: Mapping[str, Sequence[Declaration]]) -> dict[str, list[Declaration]]:
    """The documents that answer to each name."""
    known = dict[str, list[Declaration]]()
    for one in chain.from_iterable(catalogue.values()):
        for name in _names(one):
            known.setdefault(name, []).append(one)
    return known


def _names(one: Declaration) -> set[str]:
    """Everything a document answers to, in small letters."""
    services = {one.document.service.casefold(), one.document.service_name.casefold()}
    types = {one.document.type.casefold(), terms.base_type(one.document.type).casefold()}
    labels = {f"{service}: {kind}" for service in services for kind in types}
    region = one.document.region.casefold()
    return services | labels | ({f"{label} ({region})" for label in labels} if region else set())


def _near(catalogue: Mapping[str, Sequence[Declaration]], wanted: str) -> str:
    """What the writer may have meant: documents if a document was named, else services."""
    known = dict[str, str]()
    for one in (one for listed in catalogue.values() for one in listed):
        document = one.document
        for service in (document.service, document.service_name):
            label = f"{service}: {document.type}" if ":" in wanted else service
            known.setdefault(label.casefold(), label)
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    return f"; near it are {', '.join(known[match] for match in near)}" if near else ""
