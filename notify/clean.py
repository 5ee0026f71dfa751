"""Takes out of a text what steers a display or breaks a format: control characters and overrides of direction."""

from __future__ import annotations

import re

CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
DIRECTIONS = r"\u202a-\u202e\u2066-\u2069"
NO_SIGNS = r"\ud800-\udfff\ufffe\uffff"  # which UTF-8 and XML do not take
STEERING = re.compile(f"[{CONTROLS}{DIRECTIONS}{NO_SIGNS}]")


def clean(text: str) -> str:
    """Lines and tabs stay, and what joins emoji and letters; U+FFFD stands for what was there."""
    return STEERING.sub("\ufffd", text.replace("\r\n", "\n"))


def line(text: str) -> str:
    """The same in one line."""
    return " ".join(clean(text).split())
