"""The commands that carry the archive elsewhere: backup, export, feed."""

from __future__ import annotations

from pathlib import Path

import click

from archive import store
from smallprint import __version__
from smallprint.commands.options import FILE, archive_of, archive_option, config_option, telling_of
from smallprint.terminal import console, progress, safe

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("backup")
@click.argument("file", type=FILE)
@config_option
@archive_option
def backup_command(file: Path, config: Path | None, archive: Path | None) -> None:
    """Write a copy of the archive, as it stands now, to FILE. A crawl or an import may go on meanwhile.

    The copy is checked before it gets its name. A file that is there already is never overwritten.
    """
    from archive.backup import backup

    with progress("copying") as told:
        size = backup(archive_of(config, archive), file.absolute(), told)
    console().print(safe(f"{file}: {size / 1e6:.1f} MB, checked. To restore it, put it in the archive's place."))


@click.command("export")
@click.argument("service")
@click.argument("document", required=False)
@click.option("--into", required=True, type=FOLDER, help="A new folder, or an earlier export.")
@click.option("--origin", help='Whose record, where there are several: Smallprint, or such as "Open Terms Archive".')
@config_option
@archive_option
def export_command(
    service: str, document: str | None, into: Path, origin: str | None, config: Path | None, archive: Path | None
) -> None:
    """Write the versions of a SERVICE, or of one DOCUMENT of it, as Markdown files in a git repository.

    The form is that of Open Terms Archive: SERVICE/DOCUMENT.md, one commit a version. A second export adds what is new.
    """
    from archive.export import export

    with store.reading(archive_of(config, archive)) as db, progress("exporting") as told:
        number = export(db, into.absolute(), service, document, f"smallprint-{__version__}", origin, told)
    console().print(safe(f"{into}: {number} versions added." if number else f"{into}: there is nothing new."))


@click.command("feed")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--url", default="", help="Where DIR is found on the web.  [default: /-/feed of 'notify.site']")
@config_option
@archive_option
def feed_command(folder: Path, url: str, config: Path | None, archive: Path | None) -> None:
    """Write what was told as Atom feeds into DIR, for any web server: all of it, by service, topic and severity.

    A file is written only where something was told since, and never half. index.html lists the feeds.
    """
    from notify import as_html, feeds, hub
    from smallprint import feed_folder

    telling = telling_of(config, archive)
    if url and not as_html.is_web(url):
        raise click.UsageError('--url: an address is expected, such as "https://feeds.example.org"')
    where = feeds.place(telling, url)
    with store.reading(archive_of(config, archive)) as db, progress("writing") as told:
        found, changed = feed_folder.write(db, folder.absolute(), where, told)
    out = console()
    out.print(safe(f"{folder}: {len(found)} feeds, {len(changed)} of them written."))
    failure = hub.publish(where.hub, [where.address(feed) for feed in changed]) if url and where.hub else ""
    if failure:
        out.print(safe(failure))
