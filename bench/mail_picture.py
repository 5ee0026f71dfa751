#!/usr/bin/env python3
"""Makes docs/mail.png: the mail about the policy of `smallprint demo`, in the light and in the dark.

usage: bench/mail_picture.py        needs chromium on the PATH, and Pillow
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from picture import QUIET
from PIL import Image

from archive import reports, store
from archive.frames import frame
from notify import mail_html
from notify.layout import Reader, letter
from notify.letter import Letter
from notify.message import compose

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "mail.png"
QUOTES = 4
LOOKS = {"light": 1, "dark": 0}  # Blink's numbers
WIDTH, HEIGHT, COLOURS = 480, 1440, 96
OURS, THEIRS = "https://watch.example", "https://gantry.example/privacy"


def told(folder: Path) -> Letter:
    """The letter about the policy with its first quotes, as it would read where the pages are on the web."""
    command = [sys.executable, "-m", "smallprint", "demo", "--folder", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    with store.reading(folder / "archive.db") as db:
        rows = db.query("SELECT id FROM changes WHERE decision = 'push'")
        found = [report for row in rows if (report := reports.change(db, row["id"]))]
    report = next(report for report in found if "Privacy Policy" in report.title)
    written = letter(compose(replace(report, url=THEIRS)), Reader(frame(), OURS))
    return replace(written, quotes=written.quotes[:QUOTES], reference="7f3a90c2d1e4b586")


def shoot(chromium: str, page: Path, look: str) -> Image.Image:
    """A picture of a page in the light or in the dark."""
    picture = page.with_name(f"{look}.png")
    options = [f"--user-data-dir={page.parent}/profile", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={picture}"]
    scheme = f"--blink-settings=preferredColorScheme={LOOKS[look]}"
    subprocess.run([chromium, *QUIET, *options, scheme, page.as_uri()], check=True, capture_output=True, timeout=60)
    return Image.open(picture).convert("RGB")


def main() -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        sys.exit("chromium is not on the PATH: install it to make the picture")
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "mail.html"
        page.write_text(mail_html.page(told(Path(name) / "demo")), "utf-8")
        both = Image.new("RGB", (WIDTH * len(LOOKS), HEIGHT))
        for place, look in enumerate(LOOKS):
            both.paste(shoot(chromium, page, look), (WIDTH * place, 0))
    both.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
