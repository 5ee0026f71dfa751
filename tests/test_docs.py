"""What README and docs promise: every command runs, every command of ours is described, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from shutil import copytree

import pytest

from smallprint.cli import COMMANDS, cli
from tests.commands import smallprint

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(sh|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
DATE = re.compile(r"^\d{4}-\d\d-\d\d")
FETCHES = ("run", "crawl", "check")  # these would leave the machine: they are parsed, not run
OF_SLACK = ("history", "gate", "search", "export")  # these ask for what the demo has under another name and date
STAYS = ("serve", "watch")  # these would not end: they are parsed, and run in tests/test_site.py and test_watch.py

SECRETS = {"SMALLPRINT_MAIL": "console:", "SMALLPRINT_MASTODON": "mastodon://token@127.0.0.1:1"} | {
    "SMALLPRINT_HOOK": "http://127.0.0.1:1/hook",
    "SMALLPRINT_HOOK_SECRET": "sesame",
}


def steps(page: Path) -> list[list[str] | str]:
    """What a page asks to do, in order: the words of each `smallprint` line, and the text of each TOML block."""
    found: list[list[str] | str] = []
    for language, block in BLOCK.findall(page.read_text("utf-8")):
        lines = [shlex.split(line, comments=True) for line in block.splitlines()] if language == "sh" else []
        found += [words[1:] for words in lines if words[:1] == ["smallprint"]] or [block]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8") + (ROOT / "docs" / "commands.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"smallprint {command}" in text, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_written_as_they_are(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `smallprint` line of a page is accepted by the parser, options and all."""
    _files(tmp_path)
    monkeypatch.chdir(tmp_path)
    for step in steps(page):
        if isinstance(step, list):
            _parse(step)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the demo leaves."""
    folder = tmp_path_factory.mktemp("demo")
    assert smallprint("demo", "--folder", ".", cwd=folder).returncode == 0
    return folder


@pytest.mark.timeout(300)  # a page of thirty commands is thirty processes
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_run(page: Path, tmp_path: Path, demo: Path) -> None:
    """In the order of the page, in one folder that holds what the demo leaves."""
    todo = steps(page)
    if not any(isinstance(step, list) for step in todo):
        return
    copytree(demo, tmp_path, dirs_exist_ok=True)
    _prepare(tmp_path)
    for step in todo:
        if isinstance(step, list):
            _run(step, tmp_path)
        elif "[[target]]" in step:
            with (tmp_path / "smallprint.toml").open("a") as settings:
                settings.write(step)


def _run(words: list[str], folder: Path) -> None:
    if words[0] in FETCHES + STAYS:
        return
    if words[0] in OF_SLACK:
        words = [DATE.sub("2999-01-01", word.replace("Slack", "Gantry")) for word in words]
    done = smallprint(*words, cwd=folder, env=SECRETS)
    assert done.returncode in (0, 1), f"smallprint {shlex.join(words)}: {done.stderr}"


def _prepare(folder: Path) -> None:
    """The demo's settings give way to those of `init`, which then finds the demo's archive."""
    (folder / "smallprint.toml").rename(folder / "demo.toml")
    (folder / "data").mkdir(exist_ok=True)
    (folder / "archive.db").rename(folder / "data" / "archive.db")
    _files(folder)


def _files(folder: Path) -> None:
    """Files that the pages speak of."""
    for name in ("old.html", "new.html"):
        (folder / name).write_text("<p>We may use your posts.</p>", "utf-8")
    line = '{"id": 1, "heading": "", "before": "", "after": "We may train AI models on your posts."}\n'
    (folder / "passages.jsonl").write_text(line, "utf-8")


def _parse(words: list[str]) -> None:
    context = cli.make_context("smallprint", list(words))
    command = cli.get_command(context, words[0])
    assert command is not None, words
    with command.make_context(words[0], words[1:], parent=context):
        pass  # the context closes what it has opened
