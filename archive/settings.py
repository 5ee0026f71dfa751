"""Reads smallprint.toml into a value, and refuses in one line what it does not understand."""

from __future__ import annotations

import ipaddress
import os
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from archive.errors import SettingsError
from archive.targets import Target, targets
from archive.toml_reader import Reader, Table

NAME = "smallprint.toml"
VARIABLE = "SMALLPRINT_CONFIG"
INTERVAL = timedelta(hours=12)
WEEK = timedelta(days=7)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a change is held before anybody is told: so long after it was first seen, it has to stand still.

    `confirm` is for what came, `removal` for what went; `longest` is for what the page says now and then.
    """

    confirm: timedelta = timedelta(minutes=10)
    removal: timedelta = timedelta(days=1)
    longest: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Telling:
    """How people are told, whatever the target.

    `silence` is how long a document cannot be read before that is told; `remind` how long before a change applies it is
    told again. `site` is where the archive can be browsed, without a slash at its end, and `hub` a WebSub hub that is
    told of new feeds; "" for none.
    """

    silence: timedelta = timedelta(days=2)
    remind: timedelta = WEEK
    site: str = ""
    hub: str = ""


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
    telling: Telling = Telling()
    targets: tuple[Target, ...] = ()


KEYS = ("archive", "contact", "services", "declarations", "crawl", "gate", "notify", "proxies", "target")
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


class _Reader(Reader):
    """Turns the tables of one file into settings."""

    def settings(self, table: Table) -> Settings:
        self.only(table, KEYS, "")
        crawl, gate, telling = (self.get(table, key, dict, {}) for key in ("crawl", "gate", "notify"))
        self.only(crawl, ("delay", "interval", "allow_addresses", "browser"), "crawl.")
        self.only(gate, ("confirm", "removal", "longest", "digest"), "gate.")
        self.only(telling, ("silence", "remind", "timezone", "site", "hub"), "notify.")
        return Settings(
            file=self.file,
            archive=self.path(self.get(table, "archive", str, "data/archive.db"), "archive"),
            contact=self.get(table, "contact", str, "").strip(),
            services=self.strings(table, "services"),
            declarations=tuple(self.path(name, "declarations") for name in self.strings(table, "declarations")),
            delay=self._delay(crawl),
            interval=self.span(crawl, "crawl.", "interval", INTERVAL, SHORTEST, LONGEST),
            allow_addresses=tuple(self._network(text) for text in self.strings(crawl, "allow_addresses", "crawl.")),
            proxies=tuple(self._proxy(*pair) for pair in self.get(table, "proxies", dict, {}).items()),
            browser=self._browser(crawl),
            waits=self._waits(gate),
            digest=self.span(gate, "gate.", "digest", WEEK, *DIGESTS),
            telling=self._telling(telling),
            targets=targets(self, self.get(table, "target", list, []), self._zone(telling)),
        )

    def _delay(self, table: Table) -> float:
        delay = self.get(table, "delay", (int, float), 2.0, "crawl.")
        if isinstance(delay, bool) or not 0 <= delay <= 3600:
            raise self.wrong("crawl.delay: seconds between two requests to one host, from 0 to 3600")
        return float(delay)

    def _waits(self, table: Table) -> Waits:
        """Each is at least as long as the one before, so that what waits longest has been looked at again."""
        confirm = self.span(table, "gate.", "confirm", USUAL.confirm, timedelta(), LONGEST)
        removal = self.span(table, "gate.", "removal", max(confirm, USUAL.removal), confirm, LONGEST)
        return Waits(
            confirm, removal, self.span(table, "gate.", "longest", max(removal, USUAL.longest), removal, LONGEST)
        )

    def _telling(self, table: Table) -> Telling:
        usual = Telling()
        return Telling(
            silence=self.span(table, "notify.", "silence", usual.silence, timedelta(hours=1), timedelta(days=31)),
            remind=self.span(table, "notify.", "remind", usual.remind, timedelta(days=1), timedelta(days=90)),
            site=self._address(table, "site").rstrip("/"),
            hub=self._address(table, "hub"),
        )

    def _address(self, table: Table, key: str) -> str:
        text = str(self.get(table, key, str, "", "notify."))
        if text and not _is_web(text):
            raise self.wrong(f'notify.{key}: an address is expected, such as "https://watch.example.org"')
        return text

    def _zone(self, table: Table) -> ZoneInfo:
        name = str(self.get(table, "timezone", str, "UTC", "notify."))
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self.wrong(f'notify.timezone: {name!r} is no time zone: write such as "Europe/Berlin"') from None

    def _proxy(self, name: str, value: Any) -> Proxy:
        """The address itself never appears in a complaint: it may hold a password."""
        where = f"proxies.{name}: "
        if isinstance(value, dict):
            self.only(value, ("env",), where)
            variable = self.get(value, "env", str, "", where)
            value = os.environ.get(variable, "")
            if not value:
                raise self.wrong(f"{where}the environment variable {variable!r} is not set")
        if not isinstance(value, str) or not _is_proxy(value):
            raise self.wrong(f'{where}an address is expected, "http://user:password@host:port", or {{ env = "NAME" }}')
        return Proxy(name, value)

    def _browser(self, table: Table) -> Path | bool:
        chosen = self.get(table, "browser", (str, bool), True, "crawl.")
        return self.path(chosen, "crawl.browser") if isinstance(chosen, str) else bool(chosen)

    def _network(self, text: str) -> Network:
        try:
            return ipaddress.ip_network(text)
        except ValueError as error:
            raise self.wrong(f"crawl.allow_addresses: {error}") from None


def _is_web(url: str) -> bool:
    """An address for people, without a password or a query."""
    try:
        parts = urlsplit(url)
        plain = "@" not in parts.netloc and not parts.query
        return parts.scheme in ("http", "https") and bool(parts.hostname) and plain
    except ValueError:
        return False


def _is_proxy(url: str) -> bool:
    """http alone: Scrapy cannot reach https pages by a proxy that is spoken to with TLS."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and bool(parts.hostname and parts.port) and parts.path in ("", "/")
    except ValueError:
        return False
