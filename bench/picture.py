#!/usr/bin/env python3
"""Makes docs/demo.png, the picture in the README: parts of what `smallprint demo` shows on a terminal.

usage: bench/picture.py        needs chromium on the PATH
"""

from __future__ import annotations

import io
import os
import pty
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "demo.png"
BACKGROUND, TEXT = (18, 22, 28), (214, 220, 228)
COLOURS = [
    (40, 44, 52),
    (255, 110, 110),
    (120, 220, 140),
    (235, 200, 110),
    (110, 170, 255),
    (200, 140, 255),
    (110, 210, 230),
    (220, 225, 232),
]
STYLE = "body{margin:0;padding:26px 30px;background:#12161c}pre{font:15px/1.5 'DejaVu Sans Mono',monospace!important}"
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def shown(folder: str) -> list[str]:
    """The lines of the demo, as a terminal of 118 columns gets them."""
    screen, inside = pty.openpty()
    looks = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": "118", "LINES": "60"}
    command = [sys.executable, "-m", "smallprint", "demo", "--folder", folder]
    with subprocess.Popen(command, stdout=inside, stderr=inside, env={**os.environ, **looks}):
        os.close(inside)
        output = b"".join(iter(lambda: _read(screen), b""))
    return output.decode().replace("\r\n", "\n").split("\n")


def _read(screen: int) -> bytes:
    """What came; nothing when the terminal is closed."""
    try:
        return os.read(screen, 65536)
    except OSError:
        return b""


def parts(lines: list[str]) -> list[str]:
    """The help page's story: the step, its redline, its notification."""

    def at(words: str, after: int = 0) -> int:
        return next(n for n, line in enumerate(lines) if n >= after and words in line)

    flagged, told = at("5  The flagged"), at("7  The notifications")
    redline, message = at("Gantry, Help Page", flagged), at("Gantry, Help Page", told)
    return [
        *["\x1b[1m$ smallprint demo\x1b[0m", "…", ""],
        *[lines[at("2  Gantry adds")], "", lines[at("3  The second")], "", lines[at("4  The third")], ""],
        *[lines[flagged], ""],
        *lines[redline : redline + 14],
        "",
        *[lines[told], ""],
        *lines[message : at("Told console", message)],
    ]


def main() -> None:
    chromium = shutil.which("chromium")
    if not chromium:
        sys.exit("chromium is not on the PATH: install it to make the picture")
    with tempfile.TemporaryDirectory() as folder:
        lines = parts(shown(f"{folder}/demo"))
        screen = Console(record=True, width=118, file=io.StringIO(), force_terminal=True)
        screen.print(Text.from_ansi("\n".join(lines)))
        html = screen.export_html(theme=TerminalTheme(BACKGROUND, TEXT, COLOURS), inline_styles=True)
        page = Path(folder) / "page.html"
        page.write_text(html.replace("<head>", f"<head><style>{STYLE}</style>"), "utf-8")
        size = f"--window-size=1150,{52 + int(22.5 * (len(lines) + 2))}"
        arguments = [f"--user-data-dir={folder}/profile", size, f"--screenshot={PICTURE}", page.as_uri()]
        subprocess.run([chromium, *QUIET, *arguments], check=True, capture_output=True, timeout=60)
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
