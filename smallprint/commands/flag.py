"""The command flag: changed passages as JSON Lines in, what they are flagged as out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import IO, Any

import click

from archive.errors import SmallprintError
from archive.places import RULES


@click.command("flag")
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
def flag_command(file: IO[str]) -> None:
    """Read changed passages, write their flags.

    FILE (or standard input) holds one JSON object a line: {"id", "heading", "before", "after"}; an empty "before" is a
    passage that was added, an empty "after" one that was removed. The answers come in the same order, one a line:
    {"id", "ai_training", "consent", "facts", "score"}.
    """
    from diffing import flags, rules

    loaded = rules.load(RULES)
    for passage in _passages(file):
        reading = flags.read(passage["before"], passage["after"], passage["heading"], loaded, _seen(passage))
        click.echo(json.dumps(flags.as_json(passage["id"], reading), ensure_ascii=False))


def _passages(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _passage(line, number)


def _passage(line: str, number: int) -> dict[str, Any]:
    try:
        passage = json.loads(line)
    except ValueError as error:
        raise SmallprintError(f"line {number}: not JSON ({error})") from error
    if not isinstance(passage, dict) or "id" not in passage:
        raise SmallprintError(f'line {number}: an object with "id", "before" and "after" is expected')
    passage = {"heading": "", "before": "", "after": "", **passage}
    for key in ("heading", "before", "after"):
        if not isinstance(passage[key], str):
            raise SmallprintError(f"line {number}: {key!r} is not a text")
    return passage


def _seen(passage: dict[str, Any]) -> date | None:
    """The document's date, where the line gives one ("date": "2024-09-19"); a year alone stands for its middle."""
    given = str(passage.get("date", ""))[:10]
    try:
        return date.fromisoformat(f"{given}-07-01" if len(given) == 4 else given)
    except ValueError:
        return None
