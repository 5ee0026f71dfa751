"""The command `smallprint`: one group, its shared options, and one clear line for what goes wrong."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from archive.errors import SmallprintError
from smallprint import __version__

STAGES, LOOK, SITE = "smallprint.commands.stages", "smallprint.commands.look", "smallprint.commands.site"
COMMANDS = {  # in the order of a first day's use: the module, imported only when its command runs, and a line about it
    "demo": ("smallprint.demo.command", "Watch a made-up network change its mind: no network, no settings."),
    "init": ("smallprint.commands.init", "Write smallprint.toml: who you are, what to watch."),
    "check": ("smallprint.commands.check", "Show what would be read and flagged at a URL; nothing is stored."),
    "run": (STAGES, "One cycle: crawl, diff, notify."),
    "watch": ("smallprint.commands.watch", "Run a cycle whenever documents are due, for ever."),
    "crawl": (STAGES, "Fetch the documents and record what is new."),
    "diff": (STAGES, "Compare, flag and decide about every new version."),
    "notify": (STAGES, "Queue and deliver notifications of pushed changes."),
    "compare": ("smallprint.commands.compare", "Compare two files: redline and flags, no archive."),
    "flag": ("smallprint.commands.flag", "Flag changed passages: JSON Lines in, JSON Lines out."),
    "history": (LOOK, "List the changes of a service, or what a document said on a date."),
    "search": (LOOK, "Find passages by their words, each with its life."),
    "show": (LOOK, "Show one change: redline, flags, facts, evidence."),
    "gate": ("smallprint.commands.gate", "Tell what was decided about changes, and what waits."),
    "status": (LOOK, "Tell what needs a person."),
    "digest": ("smallprint.commands.digest", "Tell what was recorded of late and not pushed."),
    "reextract": (STAGES, "Read the stored pages again with today's rules."),
    "targets": ("smallprint.commands.targets", "List the targets of notifications, or test one."),
    "import": ("smallprint.commands.imports", "Take in what Open Terms Archive has published."),
    "feed": ("smallprint.commands.keep", "Write what was told as Atom feeds."),
    "serve": (SITE, "Browse the archive with Datasette, or let strangers do so."),
    "publish": (SITE, "Write the site as files for any web host."),
    "backup": ("smallprint.commands.keep", "Copy the archive while others use it."),
    "export": ("smallprint.commands.keep", "Write a document's history as Markdown files in git."),
    "rules": ("smallprint.commands.rules", "Print what is looked for, with examples."),
    "schema": ("smallprint.commands.schema", "Print the archive's schema, with its comments."),
}


class _Complaint(click.ClickException):
    """Wrong use or a wrong surrounding, told in one line."""

    exit_code = 2


class _Commands(click.Group):
    """Finds commands by name, and turns errors that a person can mend into a line and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SmallprintError as error:
            raise _Complaint(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="smallprint")
def cli() -> None:
    """Watches the small print.

    Fetches privacy policies, user agreements and help pages, keeps every version, and tells you when a passage about
    AI training or consent appears, changes or goes.

    \b
    New here?     smallprint demo
    Your own:     smallprint init, then smallprint run
    """


def main() -> None:
    """The console script. Exit codes: 0 done, 1 something needs a person, 2 wrong use."""
    sys.exit(cli())
