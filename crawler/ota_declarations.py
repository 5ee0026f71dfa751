"""Turns a folder of Open Terms Archive's declarations into declarations of the operator's own, with a report."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from archive.errors import DeclarationError
from crawler import catalogue
from crawler.schema import BUILT_IN, Json, Place, Service, a_text, an_object, an_owner, declaration, printable


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an import, a line each; `unchanged` are services that stood there word for word."""

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    without_filter: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class _Fate(Enum):
    WRITTEN = auto()
    UNCHANGED = auto()
    KEPT = auto()


@dataclass(slots=True)
class _Lines:
    """The report while it grows."""

    fates: dict[_Fate, list[str]] = field(default_factory=lambda: {fate: [] for fate in _Fate})
    without_filter: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def import_folder(source: Path, into: Path) -> Report:
    """Write the services declared in `source` as files of `into`; a file of the operator's own is never overwritten.

    `source` is a declarations repository or a folder of JSON files. What cannot be taken over (a document, a filter in
    JavaScript, a whole file) is reported and left out; the rest is written. Doing it again changes nothing.
    """
    inner = source / "declarations"
    files = catalogue.files_in(inner if inner.is_dir() else source)
    if not files:
        raise DeclarationError(f"{printable(str(source))}: no declarations here, nor in a folder declarations/ of it")
    lines = _Lines()
    for path in files:
        try:
            _import_file(path, into, lines)
        except DeclarationError as error:
            lines.refused.append(str(error))
    fates = {fate.name.lower(): tuple(names) for fate, names in lines.fates.items()}
    return Report(**fates, without_filter=tuple(lines.without_filter), refused=tuple(lines.refused))


def _import_file(path: Path, into: Path, lines: _Lines) -> None:
    if path.is_symlink():
        raise Place(path).fault("is a link to another file; only files of the folder itself are read")
    service = _service(path, lines)
    catalogue.declarations(service, path)  # what is written, the strict reading accepts
    fate, line = _write(catalogue.service_id(path), service, into)
    lines.fates[fate].append(line)


def _service(path: Path, lines: _Lines) -> Json:
    """The service with the documents that we can take over; the others are reported."""
    place = Place(path)
    value = an_object(catalogue.read_json(path), place)
    service = Service(catalogue.service_id(path), a_text(value.get("name"), place.at("name")), an_owner(value, place))
    taken: Json = {}
    for key, entry in an_object(value.get("terms"), place.at("terms")).items():
        try:
            taken[key] = _document(entry, place.at("terms").at(key), service, lines)
        except DeclarationError as error:
            lines.refused.append(str(error))
    if not taken:
        raise place.fault("no document of it can be watched")
    owner = {"owner": service.owner} if service.owner else {}
    return {"name": service.name, **owner, "terms": taken}


def _document(value: object, place: Place, service: Service, lines: _Lines) -> Json:
    """The document as our catalogue takes it; what JavaScript filters it had is reported."""
    lost: list[str] = []
    document = _cleaned(an_object(value, place), lost)
    if isinstance(parts := document.get("combine"), list):
        document["combine"] = [_cleaned(part, lost) if isinstance(part, dict) else part for part in parts]
    declaration(document, place, service)
    if lost:
        filters = ", ".join(dict.fromkeys(lost))
        lines.without_filter.append(
            printable(f"{service.id}: {place.keys[-1]}: without {filters}, which is JavaScript")
        )
    return document


def _cleaned(source: Json, lost: list[str]) -> Json:
    """A copy without the filters that are JavaScript, whose names go to `lost`, and without the id of older files."""
    clean = {key: value for key, value in source.items() if key != "id"}
    if isinstance(filters := clean.get("filter"), list):
        lost.extend(name for item in filters if (name := _script(item)))
        # An empty list stays: in a part of a combined document it keeps the shared filters away.
        clean["filter"] = [item for item in filters if not _script(item)]
    return clean


def _script(item: object) -> str:
    """The name of a JavaScript filter; empty for the one that we have, and for what is no filter."""
    if isinstance(item, dict):
        return "" if len(item) != 1 or BUILT_IN in item else str(next(iter(item)))
    return item if isinstance(item, str) else ""


def _write(identifier: str, service: Json, into: Path) -> tuple[_Fate, str]:
    """Put the service's file into the folder, unless a file of that name, in any letter case, is there."""
    text = json.dumps(service, indent=2, ensure_ascii=False) + "\n"
    path = into / f"{identifier}.json"
    try:
        into.mkdir(parents=True, exist_ok=True)
        if there := _there(path):
            same = there.name == path.name and there.is_file() and there.read_bytes() == text.encode()
            return (_Fate.UNCHANGED, identifier) if same else (_Fate.KEPT, f"{identifier}: kept yours, {there}")
        # Written beside and moved into place: a run that is killed leaves no half declaration behind.
        draft = path.with_name(f".{path.name}.part")
        draft.unlink(missing_ok=True)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise Place(path).fault(f"cannot be written: {error.strerror}") from None
    return _Fate.WRITTEN, identifier


def _there(path: Path) -> Path | None:
    """What stands in the way of a file, links that lead nowhere included."""
    return next((other for other in path.parent.iterdir() if _folded(other) == _folded(path)), None)


def _folded(path: Path) -> str:
    """The name as file systems compare it that do not tell letter cases apart."""
    return unicodedata.normalize("NFC", path.name).casefold()
