"""The command targets: which targets are set, and a test message to one of them."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.errors import SettingsError
from archive.targets import CONSOLE
from smallprint.commands.options import config_option, settings_of
from smallprint.terminal import console


@click.group("targets")
def targets_command() -> None:
    """List the targets of notifications, or send a test message to one.

    A target is an Apprise address (https://github.com/caronc/apprise/wiki lists a hundred services) in smallprint.toml:

    \b
        [[target]]
        name = "me"
        url = "mailto://user:password@mail.example.org?to=me@example.org"
        topics = ["ai-training"]        # or "consent"; both if left out

    Write url_env = "VARIABLE" instead of url to keep the address in the environment. Names, never addresses, are
    shown and stored.
    """


@targets_command.command("list")
@config_option
def list_targets(config: Path | None) -> None:
    """List names, topics and services."""
    for target in settings_of(config, None).targets or (CONSOLE,):
        services = ", ".join(target.services) or "all services"
        console().print(f"{target.name}: {', '.join(target.topics)}; {services}")


@targets_command.command("test")
@click.argument("name")
@config_option
def test_target(name: str, config: Path | None) -> None:
    """Send a test message to the target called NAME. Exit code 1 if it did not get through."""
    from notify import delivery
    from notify.carrier import DeliveryError, Parcel
    from notify.layout import trial

    targets = {target.name: target for target in settings_of(config, None).targets or (CONSOLE,)}
    if name not in targets:
        raise SettingsError(f"there is no target {name!r} in the settings; there are: {', '.join(targets)}")
    delivery.check([targets[name]])
    try:
        delivery.carrier(targets[name], console().print)(targets[name], Parcel(trial(targets[name])))
    except DeliveryError as error:
        console(stderr=True).print(f"{name}: not delivered: {error}")
        sys.exit(1)
    console().print(f"{name}: delivered")
