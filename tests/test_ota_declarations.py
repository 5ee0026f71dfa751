"""The import of Open Terms Archive's declarations: what is written, kept, left out and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.errors import DeclarationError
from crawler import catalogue
from crawler.ota_declarations import Report, import_folder

PAGE = {"fetch": "https://example.com/privacy", "select": "main"}


def declare(folder: Path, file: str, terms: object, **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_text(json.dumps({"name": path.stem, "terms": terms} | more), encoding="utf-8")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "source"


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "own" / "declarations"


def test_a_repository_is_imported_and_loads(source: Path, into: Path) -> None:
    declare(
        source / "declarations", "Foo.json", {"Privacy Policy": PAGE, "Imprint": {"fetch": "https://example.com/a.pdf"}}
    )
    declare(source / "declarations", "Bär 2.json", {"Terms of Service": PAGE}, importedFrom="elsewhere")
    declare(source / "declarations", "Foo.history.json", {})
    (source / "declarations" / "Foo.filters.js").write_text("export {}")
    declare(source, "package.json", {})
    assert import_folder(source, into) == Report(written=("Bär 2", "Foo"))
    loaded = catalogue.load([into])
    assert [each.document.type for each in loaded["Foo"]] == ["Privacy Policy", "Imprint"]
    assert loaded["Foo"][0].sources[0].select == ("main",)


def test_doing_it_again_changes_nothing(source: Path, into: Path) -> None:
    declare(source, "Foo.json", {"Privacy Policy": PAGE})
    import_folder(source, into)
    before = {path.name: path.stat().st_mtime_ns for path in into.iterdir()}
    assert import_folder(source, into) == Report(unchanged=("Foo",))
    assert {path.name: path.stat().st_mtime_ns for path in into.iterdir()} == before == {"Foo.json": before["Foo.json"]}


def test_an_owner_is_kept_where_there_is_one(source: Path, into: Path) -> None:
    """Open Terms Archive's own files have none; a folder of declarations like ours may."""
    declare(source, "Foo.json", {"Imprint": PAGE}, owner="Stationers")
    declare(source, "Bar.json", {"Imprint": PAGE})
    declare(source, "Baz.json", {"Imprint": PAGE}, owner=7)
    report = import_folder(source, into)
    assert report.refused == (f"{source / 'Baz.json'}: owner: should be text, is a number",)
    loaded = catalogue.load([into])
    assert {service: one.document.owner for service, (one,) in loaded.items()} == {"Foo": "Stationers", "Bar": ""}
    assert import_folder(source, into).unchanged == ("Bar", "Foo")


def test_an_older_id_is_passed_over(source: Path, into: Path) -> None:
    declare(source, "Foo.json", {"Privacy Policy": {"combine": [PAGE | {"id": "main"}]}})
    assert import_folder(source, into).written == ("Foo",)
    assert catalogue.load([into])["Foo"][0].sources[0].fetch == PAGE["fetch"]


def test_javascript_filters_are_left_out_and_told(source: Path, into: Path) -> None:
    kept = {"removeQueryParams": ["utm"]}
    parts = [PAGE | {"filter": ["cleanUp"]}, {"fetch": "https://example.com/2"}]
    terms = {
        "Privacy Policy": PAGE | {"filter": ["cleanUp", {"replace": ["a", "b"]}, kept]},
        "Imprint": {"combine": parts, "filter": [kept]},
        "Terms of Service": PAGE | {"filter": [kept]},
    }
    declare(source, "Foo.json", terms)
    assert import_folder(source, into).without_filter == (
        "Foo: Privacy Policy: without cleanUp, replace, which is JavaScript",
        "Foo: Imprint: without cleanUp, which is JavaScript",
    )
    policy, imprint, _ = catalogue.load([into])["Foo"]
    assert policy.sources[0].remove_query_params == ("utm",)
    assert [part.remove_query_params for part in imprint.sources] == [(), ("utm",)]


def test_what_cannot_be_taken_over_is_told_and_the_rest_written(source: Path, into: Path) -> None:
    declare(source, "Foo.json", {"Privacy Policy": PAGE, "Brand New Policy": PAGE, "Imprint": PAGE | {"select": "a["}})
    declare(source, "Empty.json", {"Brand New Policy": PAGE})
    declare(source, "Nameless.json", {"Imprint": PAGE}, name=None)
    (source / "Broken.json").write_text("{")
    report = import_folder(source, into)
    assert report.written == ("Foo",)
    assert [line.removeprefix(f"{source}/").split("; ")[0] for line in report.refused] == [
        "Broken.json: not JSON: Expecting property name enclosed in double quotes at line 1, column 2",
        'Empty.json: terms."Brand New Policy": unknown terms type',
        "Empty.json: no document of it can be watched",
        'Foo.json: terms."Brand New Policy": unknown terms type',
        'Foo.json: terms.Imprint.select: "a[" is no CSS selector: Malformed attribute selector at position 1',
        "Nameless.json: name: should be text, is null",
    ]
    assert [each.document.type for each in catalogue.load([into])["Foo"]] == ["Privacy Policy"]


def test_the_operators_own_files_are_kept(source: Path, into: Path) -> None:
    declare(source, "Foo.json", {"Privacy Policy": PAGE})
    declare(source, "BAR.json", {"Privacy Policy": PAGE})
    own = [declare(into, name, {"Imprint": PAGE}) for name in ("Foo.json", "bar.json")]
    before = [path.read_text() for path in own]
    report = import_folder(source, into)
    assert report.kept == (f"BAR: kept yours, {into / 'bar.json'}", f"Foo: kept yours, {into / 'Foo.json'}")
    assert [path.read_text() for path in own] == before
    assert sorted(path.name for path in into.iterdir()) == ["Foo.json", "bar.json"]


def test_names_and_links_never_lead_out_of_the_folder(source: Path, into: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    declare(source, "a\\..\\x.json", {"Imprint": PAGE})
    declare(source, "Foo.json", {"Imprint": PAGE})
    (source / "Link.json").symlink_to(declare(tmp_path, "secret.json", {"Imprint": PAGE}))
    into.mkdir(parents=True)
    (into / "Foo.json").symlink_to(outside)
    report = import_folder(source, into)
    assert report.kept == (f"Foo: kept yours, {into / 'Foo.json'}",)
    assert len(report.refused) == 2
    assert "Link.json: is a link to another file" in report.refused[0]
    assert not outside.exists()
    assert [path.name for path in into.iterdir()] == ["Foo.json"]


def test_lines_hold_no_control_characters(source: Path, into: Path) -> None:
    declare(source, "Foo.json", {"Privacy Policy": PAGE | {"filter": ["\x1b[2J"]}, "\x1b[2J": PAGE})
    report = import_folder(source, into)
    assert all(line.isprintable() for line in report.without_filter + report.refused)


def test_folders_without_declarations_are_told(source: Path, into: Path, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="no such folder of declarations"):
        import_folder(source, into)
    source.mkdir()
    with pytest.raises(DeclarationError, match="no declarations here, nor in a folder declarations/ of it"):
        import_folder(source, into)
    assert not into.exists()


def test_a_folder_that_cannot_be_written_is_told(source: Path, tmp_path: Path) -> None:
    declare(source, "Foo.json", {"Imprint": PAGE})
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    [line] = import_folder(source, blocked).refused
    assert line == f"{blocked / 'Foo.json'}: cannot be written: File exists"
