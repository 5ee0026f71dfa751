"""Where Smallprint's plain data lies: in `data/` of a checkout, inside the package of an installed wheel."""

from __future__ import annotations

from pathlib import Path

_TOP = Path(__file__).parent.parent
_INSTALLED = _TOP / "smallprint" / "data"
DATA = _INSTALLED if _INSTALLED.is_dir() else _TOP / "data"

DECLARATIONS = DATA / "declarations"
RULES = DATA / "rules"
SITE = DATA / "site"
FRAMES = DATA / "frames"


def languages_of_frames() -> list[str]:
    """The codes of the languages that messages can be framed in."""
    return sorted(path.stem for path in FRAMES.glob("*.toml"))
