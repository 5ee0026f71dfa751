"""The command targets: which targets are set, and a test message to one of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from archive.errors import SettingsError
from archive.targets import CONSOLE, ENGLISH, Mode, Target
from archive.words import Severity
from smallprint.commands.options import config_option, settings_of
from smallprint.terminal import console, safe


@click.group("targets")
def targets_command() -> None:
    """List the targets of notifications, or send a test message to one.

    A target is an address in smallprint.toml: one that Apprise understands, which knows a hundred services
    (https://github.com/caronc/apprise/wiki), or a plain https:// address, which gets JSON.

    \b
        [[target]]
        name = "me"
        url = "mailto://user:password@mail.example.org?to=me@example.org"
        topics = ["ai-training"]        # or "consent"; both if left out
        severity = "medium"             # the least that is told; low if left out
        mode = "digest"                 # not a message for each change; "each" if left out
        schedule = "mon 08:00"          # when digests come
        quiet = "22:00-07:00"           # nothing is delivered then

    Also: services, regions, language, digest, public, hashtags, secret: docs/notifications.md tells them all. Write
    url_env = "VARIABLE" instead of url to keep the address in the environment. Names, never addresses, are shown and
    stored.
    """


@targets_command.command("list")
@config_option
def list_targets(config: Path | None) -> None:
    """List names, and what each is told."""
    for target in settings_of(config, None).targets or (CONSOLE,):
        console().print(safe(f"{target.name}: {'; '.join(_said(target))}"))


def _said(target: Target) -> Iterator[str]:
    """What a target is told, and when, in a few words each."""
    yield ", ".join(target.topics)
    yield ", ".join(target.services) or "all services"
    if target.regions:
        yield f"in {', '.join(target.regions)}"
    if target.severity is not Severity.LOW:
        yield f"at least {target.severity}"
    if target.mode is Mode.DIGEST:
        yield "pushes as a digest"
    if target.schedule:
        yield f"digests at {target.schedule.name}"
    if target.quiet:
        yield f"quiet from {target.quiet.start:%H:%M} to {target.quiet.end:%H:%M} {target.quiet.zone.key}"
    if target.language != ENGLISH:
        yield f"in {target.language}"
    if target.public:
        yield "public"


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
