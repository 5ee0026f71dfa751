"""The command `smallprint`: one group, its shared options, and one clear line for what goes wrong."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from archive.errors import SmallprintError
from smallprint import __version__

COMMANDS = {  # in the order of a first day's use; each module is imported only when its command runs
    "demo": "smallprint.demo.command",
    "init": "smallprint.commands.init",
    "check": "smallprint.commands.check",
    "run": "smallprint.commands.stages",
    "crawl": "smallprint.commands.stages",
    "diff": "smallprint.commands.stages",
    "notify": "smallprint.commands.stages",
    "compare": "smallprint.commands.compare",
    "flag": "smallprint.commands.flag",
    "history": "smallprint.commands.look",
    "show": "smallprint.commands.look",
    "status": "smallprint.commands.look",
    "reextract": "smallprint.commands.stages",
    "targets": "smallprint.commands.targets",
    "import": "smallprint.commands.imports",
    "serve": "smallprint.commands.look",
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
        module = importlib.import_module(COMMANDS[cmd_name])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

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
