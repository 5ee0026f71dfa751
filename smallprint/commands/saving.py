"""Adds the address that check has looked at to the operator's declarations, and their folder to the settings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from archive.places import DECLARATIONS
from archive.settings import Settings
from archive.words import Kind

FOLDER = "declarations"
LINE = f'declarations = ["{FOLDER}"]'
NO_FOLDER = re.compile(r"^declarations[ \t]*=[ \t]*\[\s*\]", re.MULTILINE)
TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
SUFFIXES = frozenset(["ac", "co", "com", "gov", "net", "org"])  # what stands before a country: example.co.uk


def save(own: Settings, look: dict[str, Any], service: str, key: str) -> dict[str, str]:
    """Declare the address of a look that went well: `{"file", "service", "type", "to_add"}`.

    `to_add` is the line that belongs into the settings where it could not be written there. Service and type are
    guessed where they are not given. Raises click.UsageError where no type can be guessed, DeclarationError where the
    service has the document already.
    """
    from crawler import catalogue, own_declarations

    into = own.declarations[0] if own.declarations else own.file.parent / FOLDER
    folders = [DECLARATIONS, *(folder for folder in own.declarations if folder.is_dir() and catalogue.files_in(folder))]
    host = urlsplit(look["url"]).netloc.casefold()
    service = service or own_declarations.service_of(host, folders) or name_of(host)
    key = key or _type_of(look)
    file = own_declarations.add(folders, into, service, key, look["url"])
    to_add = "" if own.declarations else _declare(own.file)
    return {"file": str(file), "service": file.stem, "type": key, "to_add": to_add}


def name_of(host: str) -> str:
    """A service's name by its host: "Example" of "www.example.co.uk"; a number stays as it is."""
    host = host.partition(":")[0]
    *before, last = host.split(".")
    if last.isdigit() or not before:
        return host
    if len(before) > 1 and before[-1] in SUFFIXES:
        before.pop()
    return before[-1][:1].upper() + before[-1][1:]


def next_step(own: Settings, saved: dict[str, str]) -> str:
    """What to do now, in a line."""
    steps = [f"add {saved['to_add']} to {own.file}"] if saved["to_add"] else []
    label = f"{saved['service']}: {saved['type']}"
    if own.services and not {name.casefold() for name in own.services} & {
        saved["service"].casefold(),
        label.casefold(),
    }:
        steps.append(f'add "{label}" to services in {own.file}')
    return "Next: " + ", then: ".join([*steps, "smallprint run"])


def with_folder(text: str) -> str:
    """The settings with the folder in them and all else as it was; "" where that cannot be done safely."""
    table = TABLE.search(text)
    end = table.start() if table else len(text)
    empty = NO_FOLDER.search(text, 0, end)
    if empty:
        changed = text[: empty.start()] + LINE + text[empty.end() :]
    else:
        head = text[:end]
        changed = head + ("\n" if head and not head.endswith("\n") else "") + LINE + "\n" + text[end:]
    try:
        wanted = {**tomllib.loads(text), "declarations": [FOLDER]}
        return changed if tomllib.loads(changed) == wanted else ""
    except tomllib.TOMLDecodeError:
        return ""


def _type_of(look: dict[str, Any]) -> str:
    """The type by the first headings and the address."""
    from crawler import terms

    headings = [passage["text"] for passage in look["passages"] if passage["kind"] == Kind.HEADING]
    address = urlsplit(look["url"])
    found = terms.guess([*headings[:1], address.path, address.hostname or ""])
    if not found:
        raise click.UsageError(
            'what kind of document is it? Say so: --type "Privacy Policy" (docs/catalogue.md has all)'
        )
    return found


def _declare(file: Path) -> str:
    """Name the folder in the settings; the line to add where they cannot be written."""
    try:
        changed = with_folder(file.read_bytes().decode("utf-8-sig"))
        if not changed:
            return LINE
        draft = file.with_name(f".{file.name}.part")
        draft.write_bytes(changed.encode())
        draft.chmod(file.stat().st_mode)
        draft.replace(file)
    except OSError:
        return LINE
    return ""
