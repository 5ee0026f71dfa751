"""Turns smallprint.toml into what a crawl needs: Scrapy's settings and the documents to fetch."""

from __future__ import annotations

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive import settings as own_settings
from archive import store
from archive.errors import SettingsError, SmallprintError
from archive.places import DECLARATIONS
from archive.settings import Settings
from crawler import catalogue
from crawler.declaration import Declaration

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings  # not at run time: who only asks for documents needs no crawler

VERSION = version("smallprint")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")  # as PATH knows them


def own(settings: BaseSettings) -> Settings:
    """What the caller has put under SMALLPRINT; with Scrapy's own commands, smallprint.toml as found."""
    return settings.get("SMALLPRINT") or own_settings.load(own_settings.find(None))


def for_scrapy_commands() -> Settings:
    """smallprint.toml as found, for `scrapy crawl`: a person stands there, so what is wrong ends it with one line."""
    try:
        chosen = own_settings.load(own_settings.find(None))
        scrapy_settings(chosen)
        declarations(chosen)
        with store.writing(chosen.archive):  # all this now, for later Scrapy would only log it
            return chosen
    except SmallprintError as error:
        raise SystemExit(str(error)) from None


def scrapy_settings(chosen: Settings) -> dict[str, Any]:
    """The settings of Scrapy that the operator decides. Raises SettingsError without a contact."""
    if not chosen.contact:
        raise SettingsError(
            f"{chosen.file}: contact is empty: give an e-mail address or a page, so that a site can reach you"
        )
    return {
        "USER_AGENT": f"smallprint/{VERSION} (keeps versions of public policies; contact: {chosen.contact})",
        "DOWNLOAD_DELAY": chosen.delay,
        **dict(zip(("BROWSER", "BROWSER_MISSING"), browser(chosen), strict=True)),
    }


def browser(chosen: Settings) -> tuple[str, str]:
    """The program for pages that need JavaScript, and what to do to have one: one of the two is empty.

    Raises SettingsError where the settings name one that cannot be used.
    """
    if chosen.browser is False:
        return "", "it is switched off in the settings"
    missing = "" if find_spec("scrapy_playwright") else "install smallprint[browser]"
    if isinstance(chosen.browser, Path):
        if missing or not (chosen.browser.is_file() and os.access(chosen.browser, os.X_OK)):
            reason = missing or f"{chosen.browser} is no program"
            raise SettingsError(f"{chosen.file}: crawl.browser: {reason}")
        return str(chosen.browser), ""
    found = next(filter(None, map(shutil.which, BROWSERS)), "")
    wanted = [missing] * bool(missing) + ["install Chromium"] * (not found)
    return ("", " and ".join(wanted)) if wanted else (found, "")


def declarations(chosen: Settings, only: str = "") -> list[Declaration]:
    """The documents that `only` (a name) or the settings choose, from the catalogue and the operator's folders."""
    known = catalogue.load([DECLARATIONS, *chosen.declarations])
    found = catalogue.find(known, (only,) if only else chosen.services or tuple(known))
    proxies = {proxy.name for proxy in chosen.proxies}
    for one in found:
        if one.proxy and one.proxy not in proxies:
            raise SettingsError(
                f"{chosen.file}: proxies.{one.proxy} is missing: {one.document.label} is to be fetched by this proxy"
            )
    return found
