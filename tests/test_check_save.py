"""check --save: the address becomes a declaration of the operator's own, and nothing that is there is lost."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.places import DECLARATIONS
from crawler import catalogue, terms
from smallprint.commands.saving import name_of, with_folder
from tests.commands import smallprint
from tests.servers import Answer, Server, serving

PAGE = b"<html><title>x</title><body><main><h1>%b</h1><p>We keep your notes as long as you want us to.</p></main>"
SETTINGS = """# mine
contact = "ann@quillo.example"
declarations = []  # none yet

[crawl]
delay = 0
allow_addresses = ["127.0.0.1"]
"""


@pytest.fixture(scope="module")
def company() -> Iterator[Server]:
    pages = {
        "/privacy": Answer(PAGE % b"Privacy Notice"),
        "/legal/terms-of-use": Answer(PAGE % b"Welcome"),
        "/x": Answer(PAGE % b"Hello"),
        "/wall": Answer(b"", 403),
    }
    with serving(pages) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "smallprint.toml").write_text(SETTINGS, "utf-8")
    return tmp_path


def files(folder: Path) -> dict[str, object]:
    """The declarations beside the settings."""
    found = (folder / "declarations").glob("*") if (folder / "declarations").exists() else ()
    return {path.name: json.loads(path.read_text("utf-8")) for path in found}


def test_it_is_saved_and_then_watched(company: Server, folder: Path) -> None:
    done = smallprint("check", f"{company.url}/privacy", "--save", "--service", "Quillo", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Saved as Quillo: Privacy Policy in {folder / 'declarations' / 'Quillo.json'}." in done.stdout
    assert "Next: smallprint run\n" in done.stdout
    assert files(folder) == {
        "Quillo.json": {"name": "Quillo", "terms": {"Privacy Policy": {"fetch": f"{company.url}/privacy"}}}
    }
    text = (folder / "smallprint.toml").read_text("utf-8")
    assert text == SETTINGS.replace("declarations = []", 'declarations = ["declarations"]')
    assert smallprint("check", "Quillo: Privacy Policy", cwd=folder).returncode == 0


def test_a_service_grows_and_what_it_has_stays(company: Server, folder: Path) -> None:
    for path, more in (("privacy", ()), ("legal/terms-of-use", ("--service", "quillo")), ("x", ("--type", "AI Terms"))):
        named = more or ("--service", "Quillo")
        done = smallprint("check", f"{company.url}/{path}", "--save", *named, cwd=folder)
        assert done.returncode == 0, done.stderr
    (service,) = files(folder).values()
    assert isinstance(service, dict)
    assert list(service["terms"]) == ["Privacy Policy", "Terms of Service", "AI Terms"]  # the last one by its host
    again = smallprint("check", f"{company.url}/x", "--save", "--type", "Privacy Policy", cwd=folder)
    assert again.returncode == 2
    assert 'Quillo has a "Privacy Policy" already' in again.stderr
    assert "recorded" in again.stdout
    assert list(files(folder).values()) == [service]


def test_a_shipped_service_keeps_its_documents(company: Server, folder: Path) -> None:
    done = smallprint("check", f"{company.url}/x", "--save", "--service", "slack", "--type", "AI Terms", cwd=folder)
    assert done.returncode == 0, done.stderr
    before = catalogue.load_file(DECLARATIONS / "Slack.json")
    after = catalogue.load_file(folder / "declarations" / "Slack.json")
    assert after[:-1] == before
    assert after[-1].document.type == "AI Terms"


def test_json_says_where(company: Server, folder: Path) -> None:
    done = smallprint("check", f"{company.url}/privacy", "--save", "--json", cwd=folder)
    (look,) = json.loads(done.stdout)
    file = str(folder / "declarations" / "127.0.0.1.json")
    assert look["saved"] == {"file": file, "service": "127.0.0.1", "type": "Privacy Policy", "to_add": ""}


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["{url}/wall", "--save"], 1, "Not saved: the page could not be read."),
        (["{url}/x", "--save"], 2, "what kind of document is it?"),
        (["{url}/x", "--save", "--type", "Privacy Polcy"], 2, 'did you mean "Privacy Policy"?'),
        (["{url}/x", "--save", "--type", "AI Terms", "--service", "../x"], 2, "no slash"),
        (["{url}/x", "--save", "--type", "AI Terms", "--service", ".x"], 2, "no dot before it"),
        (["{url}/x", "--service", "Quillo"], 2, "add --save"),
        (["Slack", "--save"], 2, "--save takes an address"),
    ],
)
def test_what_is_not_saved(company: Server, folder: Path, words: list[str], code: int, line: str) -> None:
    done = smallprint("check", *(word.format(url=company.url) for word in words), cwd=folder)
    assert done.returncode == code
    assert line in done.stderr
    assert files(folder) == {}
    assert (folder / "smallprint.toml").read_text("utf-8") == SETTINGS


def test_without_settings_nothing_is_fetched_to_be_saved(company: Server, tmp_path: Path) -> None:
    done = smallprint("check", f"{company.url}/privacy", "--save", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no settings file" in done.stderr


def test_the_next_step_names_what_is_missing(company: Server, folder: Path) -> None:
    (folder / "smallprint.toml").write_text('services = ["Slack"]\n' + SETTINGS, "utf-8")
    done = smallprint("check", f"{company.url}/privacy", "--save", "--service", "Quillo", cwd=folder)
    assert 'Next: add "Quillo: Privacy Policy" to services in' in done.stdout


def test_the_first_of_ones_own_folders_takes_it(company: Server, folder: Path) -> None:
    text = SETTINGS.replace("[]  # none yet", '["mine", "theirs"]')
    (folder / "smallprint.toml").write_text(text, "utf-8")
    done = smallprint("check", f"{company.url}/privacy", "--save", "--service", "Quillo", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "mine" / "Quillo.json").is_file()
    assert (folder / "smallprint.toml").read_text("utf-8") == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'declarations = ["declarations"]\n'),
        ('a = 1\n[crawl]\nx = "[]"\n', 'a = 1\ndeclarations = ["declarations"]\n[crawl]\nx = "[]"\n'),
        ("a = 1", 'a = 1\ndeclarations = ["declarations"]\n'),
        ("declarations=[ ] # b\n\n[[t]]\n", 'declarations = ["declarations"] # b\n\n[[t]]\n'),
        ("# declarations = []\n", '# declarations = []\ndeclarations = ["declarations"]\n'),
        ('a = """\ndeclarations = []\n"""\n', ""),
        ('a = [\n  ["x"]\n]\n', ""),
    ],
)
def test_settings_stay_as_they_are_but_for_the_line(before: str, after: str) -> None:
    assert with_folder(before) == after
    if after:
        assert tomllib.loads(after) == {**tomllib.loads(before), "declarations": ["declarations"]}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("www.tollhatch.example", "Tollhatch"),
        ("help.tollhatch.co.uk", "Tollhatch"),
        ("tollhatch.example:8443", "Tollhatch"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("localhost", "localhost"),
    ],
)
def test_names_by_host(host: str, name: str) -> None:
    assert name_of(host) == name


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["Privacy Notice"], "Privacy Policy"),
        (["Welcome", "/legal/terms-of-use"], "Terms of Service"),
        (["Cookie policy and privacy"], "Trackers Policy"),
        (["How we use data", "/a/123", "help.tollhatch.example"], "Help Page"),
        (["Data Processor Agreement"], "Data Processor Agreement"),
        (["Determination", "/settlement"], ""),
        ([], ""),
    ],
)
def test_types_by_title(texts: list[str], kind: str) -> None:
    assert terms.guess(texts) == kind
