"""Sets urlwatch and webchanges to the same pages, each in an environment of its own, and reads what they report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from crawl_rounds import Ground, Net, Took, round_of

LIBRARY = "html2text"
# A job in YAML; what is not said is as the program has it by default.
JOBS = {
    "urlwatch": "name: {name}\nurl: {url}\nfilter:\n  - html2text: pyhtml2text\n",
    "webchanges": "name: {name}\nurl: {url}\nfilters:\n  - html2text\n",
}
PLACES = {
    "urlwatch": ("--urls", "--config", "--hooks", "--cache"),
    "webchanges": ("--jobs", "--config", "--hooks", "--database"),
}
MORE = {"urlwatch": (), "webchanges": ("--max-workers", "10")}  # as many as urlwatch has
REPORTED = re.compile(r"\bCHANGED: (p\d+)\b")


def installed(name: str, folder: Path) -> Path | None:
    """The program in its environment, which is made where it is missing; None where that fails."""
    place = folder / name
    program = place / "bin" / name
    if not program.exists():
        print(f"installing {name} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(place / "bin" / "pip"), "install", "--quiet", name, LIBRARY]
        said = subprocess.run(pip, capture_output=True, text=True, check=False).stderr
        if not program.exists():
            print(said.strip())
    return program if program.exists() else None


def version_of(program: Path) -> str:
    """Which one it is."""
    asked = f"import importlib.metadata as m; print(m.version({program.name!r}))"
    said = subprocess.run([str(program.parent / "python"), "-c", asked], capture_output=True, text=True, check=True)
    return f"{program.name} {said.stdout.strip()}"


def rounds(program: Path, where: Ground, net: Net, folder: Path) -> Iterator[tuple[Took, set[str]]]:
    """Two rounds from an empty folder: what each took, and the names of the pages reported as changed."""
    folder.mkdir()
    jobs, *others = (folder / name for name in ("jobs.yaml", "config.yaml", "hooks.py", "cache.db"))
    jobs.write_text("---\n".join(JOBS[program.name].format(name=p["name"], url=where.url(p)) for p in where.pages))
    others[1].touch(0o600)
    options = [word for pair in zip(PLACES[program.name], (jobs, *others), strict=True) for word in map(str, pair)]
    for number in (1, 2):
        took = round_of(where, number, net, [str(program), *options, *MORE[program.name]], {"HOME": str(folder)})
        yield took, set(REPORTED.findall(took.said))


def settled(program: Path) -> str:
    """What the program runs with, as a person writes it."""
    return json.dumps(JOBS[program.name].format(name="NAME", url="URL"))
