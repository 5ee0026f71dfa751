"""Reads the values of a TOML file one by one, and refuses in one line what it does not understand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from archive.errors import SettingsError

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Asks the tables of one file for values; every complaint names that file."""

    file: Path

    def get(self, table: Table, key: str, kind: Any, default: Any, where: str = "") -> Any:
        """The value is not repeated in a complaint: it may be a secret in the wrong shape."""
        value = table.get(key, default)
        if not isinstance(value, kind):
            raise self.wrong(f"{where}{key}: {_KINDS[kind]} is expected here")
        return value

    def strings(self, table: Table, key: str, where: str = "") -> tuple[str, ...]:
        """A list of texts."""
        values = self.get(table, key, list, [], where)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(f"{where}{key}: a list of texts is expected")
        return tuple(values)

    def span(
        self, table: Table, where: str, key: str, default: timedelta, least: timedelta, most: timedelta
    ) -> timedelta:
        """How long, such as "45m"; from `least` to `most`."""
        text = self.get(table, key, str, None, where) if key in table else None
        if text is None:
            return default
        found = _SPAN.fullmatch(text)
        span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
        if span is None or not least <= span <= most:
            raise self.wrong(
                f'{where}{key}: a time from "{_written(least)}" to "{_written(most)}", such as "45m" or "12h"'
            )
        return span

    def clock(self, text: str) -> time | None:
        """A time of day, such as "08:00"; None where the text is none."""
        found = _CLOCK.fullmatch(text)
        return time(int(found[1]), int(found[2])) if found else None

    def path(self, text: str, key: str) -> Path:
        """A place, relative to the file."""
        if not text:
            raise self.wrong(f"{key}: a path is expected, not an empty text")
        try:
            return (self.file.parent / Path(text).expanduser()).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise self.wrong(f"{key}: {text!r} cannot be a path: {error}") from None

    def only(self, table: Table, known: Iterable[str], where: str) -> None:
        """Refuses every other key."""
        for key in table:
            if key not in known:
                raise self.wrong(f"{where}{key}: unknown key; known are {', '.join(known)}")

    def wrong(self, what: str) -> SettingsError:
        """The complaint, to be raised."""
        return SettingsError(f"{self.file}: {what}")


def _written(span: timedelta) -> str:
    """A time as it is written in the file: in the largest unit that measures it whole."""
    seconds = int(span.total_seconds())
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    unit = next(unit for unit, size in sizes.items() if seconds % size == 0 and (seconds or size == 1))
    return f"{seconds // sizes[unit]}{unit}"


_SPAN = re.compile(r"([0-9]{1,6})([smhd])")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_KINDS = {
    str: "a text",
    list: "a list",
    dict: "a table",
    (int, float): "a number",
    bool: "true or false",
    (str, bool): "a path, true or false",
}
