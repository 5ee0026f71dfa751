#!/usr/bin/env python3
"""Makes docs/site-*.png, the pictures of the site in the README and docs: what `smallprint demo` leaves, in Chromium.

usage: bench/site_pictures.py        needs chromium on the PATH, and Pillow
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from playwright.sync_api import Browser
from sqlite_utils import Database

from archive import store
from archive.rows import value
from tests.commands import smallprint
from tests.site_browser import PHONE, Reader, Served, browsing, served
from tests.site_kinds import TO, kinds

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDE = {"width": 1200, "height": 1200}
COLOURS, MOST_BYTES = 128, 250_000
POLICY = "(SELECT id FROM documents WHERE type = 'Privacy Policy')"
FLAGGED = f"""SELECT after_passage_id FROM flags JOIN edits ON edits.id = edit_id
              WHERE topic = 'ai-training' AND side = 'after' AND document_id = {POLICY} ORDER BY score DESC"""


@dataclass(frozen=True, slots=True)
class Picture:
    """Of a page: its address, the window and the light."""

    address: str
    size: Mapping[str, int]
    scheme: str = "light"


def pictures(db: Database) -> dict[str, Picture]:
    """By the end of the file's name."""
    first = {kind: addresses[0] for kind, addresses in kinds(db).items()}
    number = int(value(db, f"SELECT max(id) FROM changes WHERE document_id = {POLICY}"))
    change = TO.change(number)
    return {
        "front": Picture(first["front"], WIDE),
        "front-dark": Picture(first["front"], WIDE, "dark"),
        "front-phone": Picture(first["front"], PHONE),
        "service": Picture(first["service"], WIDE),
        "services": Picture(first["services"], WIDE),
        "change": Picture(f"{change}#course", WIDE),
        "change-side-by-side": Picture(f"{change}/side-by-side#course", WIDE),
        "change-phone-dark": Picture(change, PHONE, "dark"),
        "document": Picture(TO.document(int(value(db, f"SELECT {POLICY}"))), WIDE),
        "passage": Picture(TO.passage(int(value(db, FLAGGED))), WIDE),
        "search": Picture(TO.search(q="train"), WIDE),
        "health": Picture(first["health"], WIDE),
    }


def shoot(browser: Browser, site: Served, picture: Picture) -> bytes:
    """The picture as a small PNG."""
    with Reader(browser, site.base, viewport=picture.size, color_scheme=picture.scheme) as reader:
        status = reader.open(picture.address)
        if status != 200:
            sys.exit(f"{picture.address} answers {status}")
        shown = Image.open(io.BytesIO(reader.page.screenshot())).convert("RGB")
    small = io.BytesIO()
    shown.quantize(COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        done = smallprint("demo", "--folder", "demo", cwd=Path(name))
        if done.returncode:
            sys.exit(done.stderr)
        archive = Path(name) / "demo" / "archive.db"
        with store.reading(archive) as db:
            wanted = pictures(db)
        with served(archive) as site, browsing() as browser:
            for ending, picture in wanted.items():
                made, place = shoot(browser, site, picture), DOCS / f"site-{ending}.png"
                if len(made) > MOST_BYTES:
                    sys.exit(f"{place.name} would have {len(made):,} bytes, more than {MOST_BYTES:,}")
                place.write_bytes(made)
                print(f"wrote {place.name}, {len(made):,} bytes")


if __name__ == "__main__":
    main()
