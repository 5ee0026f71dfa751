"""Runs the command line as a user does: in a process of its own, without a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def smallprint(
    *words: str, cwd: Path | None = None, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished process of `smallprint WORDS`."""
    return subprocess.run(
        [sys.executable, "-m", "smallprint", *words],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "SMALLPRINT_CONFIG": "", "COLUMNS": "200", **(env or {})},
    )
