"""The wheel, in an empty virtual environment and from an empty folder: everything it needs travels with it."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PACKAGES = ("archive", "crawler", "diffing", "notify", "pages", "smallprint")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel, and borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=100)
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=100)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    # A path file adds the libraries, but not what an editable install adds to them: the checkout stays out.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return python


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "-m", "smallprint", "demo"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Told console: Gantry, Privacy Policy" in done.stdout
    assert (tmp_path / "smallprint-demo" / "archive.db").is_file()


def test_catalogue_rules_and_site_travel_with_it(installed: Path, tmp_path: Path) -> None:
    ask = "from archive import places; print(places.DECLARATIONS, places.RULES, places.SITE, sep='\\n')"
    told = subprocess.run([installed, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    for line in told.splitlines():
        folder = Path(line)
        assert folder.is_relative_to(installed.parent.parent)
        mine = {p.relative_to(folder) for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}
        theirs = ROOT / "data" / folder.name
        assert mine == {p.relative_to(theirs) for p in theirs.rglob("*") if p.is_file() and p.suffix != ".pyc"}


def test_the_command_is_installed(installed: Path) -> None:
    done = subprocess.run([installed.parent / "smallprint", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("smallprint, version ")


def test_every_library_it_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["browser"]]
    declared = {_plain(Requirement(line).name) for line in lines}
    owners = importlib.metadata.packages_distributions()
    brought = _brought(declared)
    for package in (*PACKAGES, "data/site"):
        for file in (ROOT / package).rglob("*.py"):
            for name in _imports(file) - set(PACKAGES) - set(sys.stdlib_module_names):
                assert {_plain(owner) for owner in owners[name]} & (declared | brought), f"{file}: {name}"


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _brought(libraries: set[str]) -> set[str]:
    """What the libraries stand on, and what that stands on."""
    lines = [Requirement(line) for one in libraries for line in importlib.metadata.requires(one) or ()]
    needed = {_plain(line.name) for line in lines if not line.marker or line.marker.evaluate({"extra": ""})}
    return needed | (_brought(needed - libraries) if needed - libraries else set())


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
