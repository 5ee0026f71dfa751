"""The commands that show the archive as a site: serve, to a browser here or to all, and publish, as files."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import click

from archive import store
from archive.errors import SmallprintError
from smallprint.commands.options import archive_of, archive_option, config_option, telling_of
from smallprint.terminal import console, progress, safe

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="Port to listen on.")
@click.option("--open", "open_browser", is_flag=True, help="Open it in a browser.")
@click.option("--public", is_flag=True, help="For strangers: read-only, with limits, and nothing about the machine.")
@config_option
@archive_option
def serve_command(
    host: str, port: int, open_browser: bool, public: bool, config: Path | None, archive: Path | None
) -> None:
    """Browse the archive with Datasette: flagged changes first, every table behind them. Ends with Ctrl-C."""
    from smallprint import serve

    path = archive_of(config, archive)
    with store.reading(path):
        pass  # a missing or foreign file is told here, in one line
    _expect_free(host, port)
    command = serve.command(path, host, port, open_browser, telling_of(config, archive), public=public)
    console().print(f"The archive is at http://{host}:{port}/ (Ctrl-C ends it)")
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606  (signals then reach Datasette itself)


def _expect_free(host: str, port: int) -> None:
    """Tells in one line that a place is taken, or not ours. Raises SmallprintError."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        why = f"{host}:{port}: cannot be listened on ({error.strerror})"
        raise SmallprintError(f"{why}: name another --port, or another --host") from error


@click.command("publish")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--url", default="", help="Where DIR will be found on the web.  [default: 'notify.site']")
@config_option
@archive_option
def publish_command(folder: Path, url: str, config: Path | None, archive: Path | None) -> None:
    """Write the site into DIR as files, for any web host: the pages of services, documents and flagged changes, and
    what these lead to.

    Run again, it writes only the files that differ. What needs a server (tables, SQL, search) is left out.
    """
    from notify import as_html
    from smallprint import publishing

    if url and not as_html.is_web(url):
        raise click.UsageError('--url: an address is expected, such as "https://watch.example.org"')
    path, telling = archive_of(config, archive), telling_of(config, archive)
    with progress("writing") as told:
        count = asyncio.run(publishing.publish(path, folder.absolute(), telling, url, told))
    size = f"{count.pages:,} pages, {count.size / 1e6:.1f} MB"
    console().print(safe(f"{folder}: {size}; {count.written:,} of {count.files:,} files written."))
