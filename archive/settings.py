"""Reads smallprint.toml into a value, and refuses in one line what it does not understand."""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.errors import SettingsError
from archive.words import Topic

NAME = "smallprint.toml"
VARIABLE = "SMALLPRINT_CONFIG"
INTERVAL = timedelta(hours=12)
WEEK = timedelta(days=7)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Target:
    """Where notifications go. `url` is an Apprise address and a secret: it is kept out of the repr."""

    name: str
    url: str = field(repr=False)
    topics: tuple[Topic, ...] = tuple(Topic)
    services: tuple[str, ...] = ()
    digest: bool = True  # whether it is told, now and then, what was recorded and not pushed


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a change is held before anybody is told: so long after it was first seen, it has to stand still.

    `confirm` is for what came, `removal` for what went; `longest` is for what the page says now and then.
    """

    confirm: timedelta = timedelta(minutes=10)
    removal: timedelta = timedelta(days=1)
    longest: timedelta = timedelta(days=3)


USUAL = Waits()


@dataclass(frozen=True, slots=True)
class Proxy:
    """A way out to the network that variants of a document name. `url` may hold a password: kept out of the repr."""

    name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decided. Paths are absolute; an empty `services` watches the whole catalogue.

    `browser` is the program for pages that need JavaScript; True: the one that is found, False: none.
    """

    file: Path
    archive: Path
    contact: str = ""
    services: tuple[str, ...] = ()
    declarations: tuple[Path, ...] = ()
    delay: float = 2.0
    interval: timedelta = INTERVAL
    allow_addresses: tuple[Network, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    browser: Path | bool = True
    waits: Waits = USUAL
    digest: timedelta = WEEK
    targets: tuple[Target, ...] = ()


CONSOLE = Target("console", "console:")
SHORTEST, LONGEST = timedelta(seconds=1), WEEK  # of an interval
DIGESTS = timedelta(days=1), timedelta(days=31)  # the shortest and the longest time between two


def find(given: Path | None) -> Path:
    """The settings file: the one given, else the one named by SMALLPRINT_CONFIG, else smallprint.toml here."""
    path = given or Path(os.environ.get(VARIABLE) or NAME)
    if not path.is_file():
        raise SettingsError(f"{path}: there is no settings file: `smallprint init` writes one")
    return path


def load(path: Path) -> Settings:
    """The settings in a file. Raises SettingsError with one line naming the file and the key."""
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))  # some editors begin a file with a byte order mark
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    return _Reader(path.absolute()).settings(table)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns the tables of one file into settings; every complaint names that file."""

    file: Path

    def settings(self, table: Mapping[str, Any]) -> Settings:
        self._only(table, ("archive", "contact", "services", "declarations", "crawl", "gate", "proxies", "target"), "")
        crawl, gate = self._get(table, "crawl", dict, {}), self._get(table, "gate", dict, {})
        self._only(crawl, ("delay", "interval", "allow_addresses", "browser"), "crawl.")
        self._only(gate, ("confirm", "removal", "longest", "digest"), "gate.")
        return Settings(
            file=self.file,
            archive=self._path(self._get(table, "archive", str, "data/archive.db"), "archive"),
            contact=self._get(table, "contact", str, "").strip(),
            services=self._strings(table, "services"),
            declarations=tuple(self._path(name, "declarations") for name in self._strings(table, "declarations")),
            delay=self._delay(crawl),
            interval=self._time(crawl, "crawl.", "interval", INTERVAL, SHORTEST, LONGEST),
            allow_addresses=tuple(self._network(text) for text in self._strings(crawl, "allow_addresses", "crawl.")),
            proxies=tuple(self._proxy(*pair) for pair in self._get(table, "proxies", dict, {}).items()),
            browser=self._browser(crawl),
            waits=self._waits(gate),
            digest=self._time(gate, "gate.", "digest", WEEK, *DIGESTS),
            targets=self._targets(self._get(table, "target", list, [])),
        )

    def _targets(self, tables: list[Any]) -> tuple[Target, ...]:
        targets = [self._target(table, f"target {number}: ") for number, table in enumerate(tables, 1)]
        names = [target.name for target in targets]
        for name in names:
            if names.count(name) > 1:
                raise self._wrong(f"two targets are called {name!r}: a name stands for one target")
        return tuple(targets)

    def _target(self, table: Any, where: str) -> Target:
        if not isinstance(table, dict):
            raise self._wrong("targets are written as [[target]]")
        self._only(table, ("name", "url", "url_env", "topics", "services", "digest"), where)
        name = self._get(table, "name", str, "", where)
        if not name:
            raise self._wrong(f"{where}name is missing: the name stands in the archive and in messages")
        topics = tuple(self._topic(text, where) for text in self._strings(table, "topics", where))
        digest = self._get(table, "digest", bool, True, where)
        services = self._strings(table, "services", where)
        return Target(name, self._url(table, where), topics or tuple(Topic), services, digest)

    def _url(self, table: Mapping[str, Any], where: str) -> str:
        """The secret itself never appears in a complaint."""
        variable = self._get(table, "url_env", str, "", where)
        url = os.environ.get(variable, "") if variable else self._get(table, "url", str, "", where)
        if not url and variable:
            raise self._wrong(f"{where}the environment variable {variable} is not set")
        if not url:
            raise self._wrong(f"{where}url (an Apprise address) or url_env (a variable that holds it) is missing")
        return url

    def _topic(self, text: str, where: str) -> Topic:
        try:
            return Topic(text)
        except ValueError:
            raise self._wrong(f"{where}topics: {text!r} is not one of {', '.join(Topic)}") from None

    def _delay(self, table: Mapping[str, Any]) -> float:
        delay = self._get(table, "delay", (int, float), 2.0, "crawl.")
        if isinstance(delay, bool) or not 0 <= delay <= 3600:
            raise self._wrong("crawl.delay: seconds between two requests to one host, from 0 to 3600")
        return float(delay)

    def _waits(self, table: Mapping[str, Any]) -> Waits:
        """Each is at least as long as the one before, so that what waits longest has been looked at again."""
        confirm = self._time(table, "gate.", "confirm", USUAL.confirm, timedelta(), LONGEST)
        removal = self._time(table, "gate.", "removal", max(confirm, USUAL.removal), confirm, LONGEST)
        return Waits(
            confirm, removal, self._time(table, "gate.", "longest", max(removal, USUAL.longest), removal, LONGEST)
        )

    def _time(
        self, table: Mapping[str, Any], where: str, key: str, default: timedelta, least: timedelta, most: timedelta
    ) -> timedelta:
        text = self._get(table, key, str, None, where) if key in table else None
        if text is None:
            return default
        found = _TIME.fullmatch(text)
        time = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
        if time is None or not least <= time <= most:
            raise self._wrong(
                f'{where}{key}: a time from "{_written(least)}" to "{_written(most)}", such as "45m" or "12h"'
            )
        return time

    def _proxy(self, name: str, value: Any) -> Proxy:
        """The address itself never appears in a complaint: it may hold a password."""
        where = f"proxies.{name}: "
        if isinstance(value, dict):
            self._only(value, ("env",), where)
            variable = self._get(value, "env", str, "", where)
            value = os.environ.get(variable, "")
            if not value:
                raise self._wrong(f"{where}the environment variable {variable!r} is not set")
        if not isinstance(value, str) or not _is_proxy(value):
            raise self._wrong(f'{where}an address is expected, "http://user:password@host:port", or {{ env = "NAME" }}')
        return Proxy(name, value)

    def _browser(self, table: Mapping[str, Any]) -> Path | bool:
        chosen = self._get(table, "browser", (str, bool), True, "crawl.")
        return self._path(chosen, "crawl.browser") if isinstance(chosen, str) else bool(chosen)

    def _network(self, text: str) -> Network:
        try:
            return ipaddress.ip_network(text)
        except ValueError as error:
            raise self._wrong(f"crawl.allow_addresses: {error}") from None

    def _path(self, text: str, key: str) -> Path:
        if not text:
            raise self._wrong(f"{key}: a path is expected, not an empty text")
        try:
            return (self.file.parent / Path(text).expanduser()).resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise self._wrong(f"{key}: {text!r} cannot be a path: {error}") from None

    def _strings(self, table: Mapping[str, Any], key: str, where: str = "") -> tuple[str, ...]:
        values = self._get(table, key, list, [], where)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(f"{where}{key}: a list of texts is expected")
        return tuple(values)

    def _get(self, table: Mapping[str, Any], key: str, kind: Any, default: Any, where: str = "") -> Any:
        """The value is not repeated in a complaint: it may be a secret in the wrong shape."""
        value = table.get(key, default)
        if not isinstance(value, kind):
            raise self._wrong(f"{where}{key}: {_KINDS[kind]} is expected here")
        return value

    def _only(self, table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        for key in table:
            if key not in known:
                raise self._wrong(f"{where}{key}: unknown key; known are {', '.join(known)}")

    def _wrong(self, what: str) -> SettingsError:
        return SettingsError(f"{self.file}: {what}")


def _is_proxy(url: str) -> bool:
    """http alone: Scrapy cannot reach https pages by a proxy that is spoken to with TLS."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and bool(parts.hostname and parts.port) and parts.path in ("", "/")
    except ValueError:
        return False


def _written(time: timedelta) -> str:
    """A time as it is written in the file: in the largest unit that measures it whole."""
    seconds = int(time.total_seconds())
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    unit = next(unit for unit, size in sizes.items() if seconds % size == 0 and (seconds or size == 1))
    return f"{seconds // sizes[unit]}{unit}"


_TIME = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_KINDS = {
    str: "a text",
    list: "a list",
    dict: "a table",
    (int, float): "a number",
    bool: "true or false",
    (str, bool): "a path, true or false",
}
