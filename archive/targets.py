"""Turns the tables of targets in the settings into values: where notifications go, of what, how, and when."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from archive import places, regions
from archive.hours import DAYS, Quiet, Schedule
from archive.toml_reader import Reader, Table
from archive.words import Severity, Topic

ENGLISH = "en"


class Mode(StrEnum):
    """Whether every push is a message, or the pushes of a time are one."""

    EACH = "each"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Target:
    """Where notifications go. `url` is an address and a secret, as `secret` is, with which posts are signed.

    `services` and `regions` (codes: "EU", "GB", "US-CA") are all where they are empty. `severity` is the least that is
    told. `digest` says whether it is told, now and then, what was recorded and not pushed. `schedule` is when digests
    come; None: as `gate.digest` says. What is `public` tells nothing of the server.
    """

    name: str
    url: str = field(repr=False)
    topics: tuple[Topic, ...] = tuple(Topic)
    services: tuple[str, ...] = ()
    digest: bool = True
    severity: Severity = Severity.LOW
    regions: tuple[str, ...] = ()
    language: str = ENGLISH
    mode: Mode = Mode.EACH
    schedule: Schedule | None = None
    quiet: Quiet | None = None
    public: bool = False
    hashtags: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)


CONSOLE = Target("console", "console:")
KEYS = (
    *("name", "url", "url_env", "topics", "services", "severity", "regions", "language", "mode", "schedule", "digest"),
    *("quiet", "public", "hashtags", "secret", "secret_env"),
)


def targets(reader: Reader, tables: Sequence[Any], zone: ZoneInfo) -> tuple[Target, ...]:
    """The targets of a file, whose names differ. Raises SettingsError."""
    found = [_Table(reader, table, f"target {number}: ", zone).target() for number, table in enumerate(tables, 1)]
    names = [target.name for target in found]
    for name in names:
        if names.count(name) > 1:
            raise reader.wrong(f"two targets are called {name!r}: a name stands for one target")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file."""

    reader: Reader
    table: Table
    where: str
    zone: ZoneInfo

    def target(self) -> Target:
        if not isinstance(self.table, dict):
            raise self.reader.wrong("targets are written as [[target]]")
        self.reader.only(self.table, KEYS, self.where)
        mode = self._one_of(Mode, "mode", Mode.EACH)
        return Target(
            name=self._name(),
            url=self._url(),
            topics=tuple(self._topic(text) for text in self._strings("topics")) or tuple(Topic),
            services=self._strings("services"),
            digest=bool(self.reader.get(self.table, "digest", bool, True, self.where)),
            severity=self._one_of(Severity, "severity", Severity.LOW),
            regions=tuple(self._region(text) for text in self._strings("regions")),
            language=self._language(),
            mode=mode,
            schedule=self._schedule(mode),
            quiet=self._quiet(),
            public=bool(self.reader.get(self.table, "public", bool, False, self.where)),
            hashtags=tuple(self._hashtag(text) for text in self._strings("hashtags")),
            secret=self._secret("secret", "secret_env"),
        )

    def _name(self) -> str:
        name = self._text("name")
        if not name:
            raise self._wrong("name is missing: the name stands in the archive and in messages")
        return name

    def _url(self) -> str:
        url = self._secret("url", "url_env")
        if not url:
            raise self._wrong("url (an Apprise address) or url_env (a variable that holds it) is missing")
        return url

    def _secret(self, key: str, variable_key: str) -> str:
        """The secret itself never appears in a complaint."""
        variable = self._text(variable_key)
        value = os.environ.get(variable, "") if variable else self._text(key)
        if not value and variable:
            raise self._wrong(f"the environment variable {variable} is not set")
        return value

    def _topic(self, text: str) -> Topic:
        try:
            return Topic(text)
        except ValueError:
            raise self._wrong(f"topics: {text!r} is not one of {', '.join(Topic)}") from None

    def _one_of(self, kind: Any, key: str, default: Any) -> Any:
        text = self.reader.get(self.table, key, str, default, self.where)
        if text not in list(kind):
            raise self._wrong(f"{key}: {text!r} is not one of {', '.join(kind)}")
        return kind(text)

    def _region(self, text: str) -> str:
        code = regions.code(text)
        if not code:
            raise self._wrong(f'regions: {text!r} is no code of a region: write such as "EU", "GB" or "US-CA"')
        return code

    def _language(self) -> str:
        text, known = self._text("language") or ENGLISH, places.languages_of_frames()
        if text not in known:
            raise self._wrong(f"language: {text!r} is not one of {', '.join(known)}")
        return text

    def _schedule(self, mode: Mode) -> Schedule | None:
        """A digest that nothing is said about comes in the morning, every day."""
        text = self._text("schedule") or ("08:00" if mode is Mode.DIGEST else "")
        if not text:
            return None
        day, _, hour = text.rpartition(" ")
        at = self.reader.clock(hour)
        if at is None or day not in ("", *DAYS):
            raise self._wrong('schedule: write "08:00", every day, or "mon 08:00", every week')
        return Schedule(at, self.zone, DAYS.index(day) if day else None)

    def _quiet(self) -> Quiet | None:
        text = self._text("quiet")
        start, end = (self.reader.clock(part) for part in text.split("-")) if text.count("-") == 1 else (None, None)
        if text and (start is None or end is None or start == end):
            raise self._wrong('quiet: write such as "22:00-07:00"')
        return Quiet(start, end, self.zone) if start and end else None

    def _hashtag(self, text: str) -> str:
        tag = text.removeprefix("#")
        if not _HASHTAG.fullmatch(tag):
            raise self._wrong(f"hashtags: {text!r}: letters, digits and _ only, and not digits alone")
        return tag

    def _text(self, key: str) -> str:
        return str(self.reader.get(self.table, key, str, "", self.where))

    def _strings(self, key: str) -> tuple[str, ...]:
        return self.reader.strings(self.table, key, self.where)

    def _wrong(self, what: str) -> Exception:
        return self.reader.wrong(f"{self.where}{what}")


_HASHTAG = re.compile(r"(?![0-9_]+$)\w{1,60}")
