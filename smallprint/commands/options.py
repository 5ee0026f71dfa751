"""The options that commands share, and what they resolve to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from archive import settings
from archive.errors import SettingsError
from archive.settings import Settings, Telling

Command = Callable[..., Any]

FILE = click.Path(path_type=Path, dir_okay=False)


def config_option(command: Command) -> Command:
    """--config."""
    text = "Settings file.  [default: $SMALLPRINT_CONFIG, else smallprint.toml here]"
    return click.option("--config", type=FILE, metavar="FILE", help=text)(command)


def archive_option(command: Command) -> Command:
    """--archive."""
    text = "Archive file.  [default: the one in the settings]"
    return click.option("--archive", type=FILE, metavar="FILE", help=text)(command)


def json_option(command: Command) -> Command:
    """--json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


def settings_of(config: Path | None, archive: Path | None) -> Settings:
    """The settings, with the archive from the command line if one is named there."""
    own = settings.load(settings.find(config))
    return replace(own, archive=archive.absolute()) if archive else own


def archive_of(config: Path | None, archive: Path | None) -> Path:
    """The archive to read; no settings file is needed where it is named."""
    return archive.absolute() if archive else settings_of(config, None).archive


def interval_of(config: Path | None, archive: Path | None) -> timedelta:
    """The interval of the settings; the usual one where no settings file is needed, and there is none."""
    own = _settings_if_any(config, archive)
    return own.interval if own else settings.INTERVAL


def telling_of(config: Path | None, archive: Path | None) -> Telling:
    """How people are told by the settings; in the usual way where no settings file is needed, and there is none."""
    own = _settings_if_any(config, archive)
    return own.telling if own else Telling()


def _settings_if_any(config: Path | None, archive: Path | None) -> Settings | None:
    try:
        return settings_of(config, None)
    except SettingsError:
        if archive is None:
            raise
        return None
