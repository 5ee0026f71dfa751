"""Adds a document to the operator's own declarations: a new service's file, or the one that is there and grows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from archive.errors import DeclarationError
from crawler import catalogue
from crawler.schema import Json, Place, an_object, printable


def service_of(host: str, folders: Sequence[Path]) -> str:
    """The service of the catalogue whose documents stand at this host; "" where none or several do."""
    known = catalogue.load(folders)
    found = {
        one.document.service
        for listed in known.values()
        for one in listed
        if any(source.fetch.partition("://")[2].partition("/")[0].casefold() == host for source in one.sources)
    }
    return found.pop() if len(found) == 1 else ""


def add(folders: Sequence[Path], into: Path, service: str, key: str, fetch: str) -> Path:
    """The file in which the document is declared now; it is made or replaced as a whole.

    `folders` are those of the catalogue, the operator's own last. A service that is only in the shipped catalogue is
    copied, for a file of one's own takes its place. Raises DeclarationError where the service has the document already.
    """
    if "/" in service:
        raise DeclarationError(printable(f'"{service}" cannot name a file: a service has no slash in its name'))
    there = _file_of(service, folders)
    path = there if there and there.parent in folders[1:] else into / (there.name if there else f"{service}.json")
    declared = an_object(catalogue.read_json(there), Place(there)) if there else {"name": service, "terms": {}}
    terms = an_object(declared["terms"], Place(path))
    same = next((name for name in terms if name.casefold() == key.casefold()), "")
    if same:
        raise DeclarationError(
            printable(f'{path.stem} has a "{same}" already; to have both, tell them apart: --type "{key} (which one)"')
        )
    grown: Json = {**declared, "terms": {**terms, key: {"fetch": fetch}}}
    catalogue.declarations(grown, path)  # what is written, the strict reading accepts
    _write(path, json.dumps(grown, indent=2, ensure_ascii=False) + "\n")
    return path


def _file_of(service: str, folders: Sequence[Path]) -> Path | None:
    """The file that declares a service, by its id or its name in any letter case; the last one counts."""
    found = None
    for path in (path for folder in folders if folder.is_dir() for path in catalogue.files_in(folder)):
        names = {one.document.service_name for one in catalogue.load_file(path)} | {catalogue.service_id(path)}
        if service.casefold() in {name.casefold() for name in names}:
            found = path
    return found


def _write(path: Path, text: str) -> None:
    """Written beside and moved into place: a run that is killed leaves no half declaration behind."""
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise Place(path).fault(f"cannot be written: {error.strerror}") from None
