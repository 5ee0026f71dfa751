"""Documents that no rule reads are never silently unflagged: the mark comes with whatever is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import recording, reports, standing, store
from archive.language import Detector
from archive.places import RULES
from archive.rows import value
from archive.words import Document, Passage
from diffing import rules, run
from tests.builders import AT_ONCE, POLICY, paragraphs, version
from tests.commands import smallprint
from tests.histories import make, record
from tests.languages import TEXTS
from tests.servers import Answer, Server, serving
from tests.site_pages import page, visit, words

LONGER = [f"{TEXTS['fr']} Article {n}." for n in range(4)]
MARK = "not read for meaning: French"
TRAINING = "We may use your notes to train our AI models."
THEIRS = replace(POLICY, origin="Open Terms Archive")
FRENCH = replace(POLICY, type="Terms of Service", url="https://quillo.example/fr/cgu")


def judged(db: Database) -> list[tuple[str, str]]:
    """What is decided about all that waits, and why."""
    return [(str(verdict.decision), verdict.reason) for _, verdict in run.diff(db, rules.load(RULES), AT_ONCE)]


def language(db: Database, document: Document = POLICY) -> str:
    return str(value(db, "SELECT language FROM documents WHERE type = ?", document.type))


def decide(db: Database, *texts: str, day: int = 1, document: Document = POLICY) -> tuple[str, str]:
    """The decision about one more version of these paragraphs."""
    version(db, paragraphs(*texts), day, document)
    (decision,) = judged(db)
    return decision


# The archive


def test_every_decision_that_tells_of_no_flags_says_that_nothing_was_read(db: Database) -> None:
    assert decide(db, *LONGER) == ("baseline", f"the first version of this document; {MARK}")
    assert decide(db, *LONGER, "Autre chose.", day=2) == ("unflagged", f"words changed, {MARK}")
    assert decide(db, *LONGER, "Autre chose !", day=3)[0] == "cosmetic"
    assert language(db) == "fr"


def test_an_english_passage_in_a_french_document_is_flagged(db: Database) -> None:
    decide(db, *LONGER)
    assert decide(db, *LONGER, TRAINING, day=2) == ("push", "1 flagged: AI training: allows more")
    assert language(db) == "fr"


def test_an_english_document_is_not_marked(db: Database) -> None:
    assert decide(db, TEXTS["en"]) == ("baseline", "the first version of this document")
    unflagged = ("unflagged", "words changed, none about AI training or consent")
    assert decide(db, TEXTS["en"], "Something else.", day=2) == unflagged
    assert (language(db), reports.not_read(db)) == ("en", [])


def test_the_newest_text_tells_the_language(db: Database) -> None:
    decide(db, *LONGER)
    assert decide(db, *[f"{TEXTS['en']} Section {n}." for n in range(4)], day=2)[0] == "unflagged"
    assert language(db) == "en"
    assert decide(db, *[f"{TEXTS['de']} Absatz {n}." for n in range(4)], day=3)[1].endswith("meaning: German")
    assert language(db) == "de"


def test_a_text_that_changes_little_by_little_is_asked_again(db: Database) -> None:
    english = [f"{TEXTS['en']} Section {n}." for n in range(4)]
    texts = [[*LONGER[:kept], *english[kept:]] for kept in (4, 3, 2, 1, 0)]
    for day, text in enumerate(texts, 1):
        version(db, paragraphs(*text), day)
    reasons = [reason for _, reason in judged(db)]
    assert reasons[1] == f"words changed, {MARK}"
    assert reasons[-1] == "words changed, none about AI training or consent"
    assert language(db) == "en"


def test_a_text_of_which_little_has_changed_is_not_asked_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Sequence[Passage]]()
    detect = Detector.of
    monkeypatch.setattr(Detector, "of", lambda self, text: asked.append(text) or detect(self, text))
    for day in range(1, 9):
        version(db, paragraphs(*LONGER, *(f"Article {n}." for n in range(day))), day)
    assert len(judged(db)) == 8
    assert len(asked) == 2  # at first, and after four edits in eight passages


def test_what_is_not_believed_tells_no_language(db: Database) -> None:
    decide(db, *LONGER, document=THEIRS)
    assert decide(db, TEXTS["en"], day=2, document=THEIRS)[0] == "quarantined"
    assert language(db) == "fr"


def test_a_text_in_doubt_has_no_language_until_there_is_more(db: Database) -> None:
    decide(db, "Bonjour.")
    assert language(db) == ""
    decide(db, "Bonjour.", LONGER[0], day=2)
    assert language(db) == "fr"


def test_a_declared_language_is_believed(db: Database) -> None:
    declared = replace(POLICY, language="de-AT")
    assert decide(db, *LONGER, document=declared)[1].endswith("; not read for meaning: German")
    decide(db, *(f"{TEXTS['en']} Section {n}." for n in range(4)), day=2, document=declared)
    assert language(db) == "de-AT"
    assert decide(db, TEXTS["fr"], document=replace(FRENCH, language="en"))[1] == "the first version of this document"


def test_a_detected_language_survives_the_next_crawl_and_a_withdrawn_one_does_not(db: Database) -> None:
    decide(db, *LONGER)
    recording.record_document(db, POLICY, '{"fetch": "https://quillo.example/privacy"}')
    assert language(db) == "fr"
    recording.record_document(db, replace(POLICY, language="de"), '{"fetch": "https://quillo.example/privacy"}')
    assert language(db) == "de"
    recording.record_document(db, POLICY, '{"fetch": "https://quillo.example/privacy"}')
    assert language(db) == ""
    assert judged(db) == []
    assert language(db) == "fr"


def test_documents_that_were_compared_before_languages_were_told_get_one(db: Database) -> None:
    decide(db, *LONGER, document=THEIRS)
    decide(db, TEXTS["en"], day=2, document=THEIRS)
    decide(db, TEXTS["en"], document=FRENCH)
    db.execute("UPDATE documents SET language = ''")
    db.conn.commit()
    assert judged(db) == []
    assert (language(db), language(db, FRENCH)) == ("fr", "en")


def test_a_declared_language_is_known_after_an_import_too(db: Database) -> None:
    theirs = replace(POLICY, origin="Open Terms Archive pages", language="fr")
    document = recording.record_document(db, theirs)
    assert not recording.is_taken(db, theirs.origin, "abc")
    recording.set_taken(db, theirs.origin, "abc")
    assert recording.is_taken(db, theirs.origin, "abc")
    assert not recording.is_taken(db, theirs.origin, "abd")
    assert recording.language_of(db, document) == ("fr", "fr")


def test_the_list_of_documents_that_nobody_reads(db: Database) -> None:
    decide(db, *LONGER)
    decide(db, TEXTS["ja"] * 2, document=replace(FRENCH, region="JP", origin="Open Terms Archive"))
    decide(db, TEXTS["en"], document=replace(FRENCH, type="Help Page"))
    assert [(row["document"], row["region"], row["origin"], row["language"], row["not_read"])
            for row in reports.not_read(db)] == [
        ("Privacy Policy", "", "", "fr", "French"),
        ("Terms of Service", "JP", "Open Terms Archive", "ja", "Japanese"),
    ]  # fmt: skip
    assert {row["document"]: row["not_read"] for row in reports.health(db)} == {
        "Privacy Policy": "French",
        "Help Page": "",
    }
    assert standing.standing(db).not_read == 2


# The commands and the site, after an import


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a French document (changes 1 and 3) and an English one (2)."""
    folder = tmp_path_factory.mktemp("imported")
    french = "\n\n".join(LONGER)
    history = [
        record(1, french, path="Brume/Terms of Service.md"),
        record(2, TEXTS["en"]),
        record(3, f"{french}\n\nAutre chose.", path="Brume/Terms of Service.md"),
    ]
    done = smallprint("import", "ota-versions", str(make(folder / "history.git", history)), "--archive", "demo.db",
                      cwd=folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "demo.db"


def change_of(path: Path, document: str) -> int:
    """The id of the newest change of a service."""
    with store.reading(path) as db:
        return int(reports.history(db, document)[-1]["change_id"])


def test_status_marks_it_and_needs_nobody_for_it(imported: Path) -> None:
    told = smallprint("status", "--archive", str(imported))
    assert told.returncode == 0
    assert f"Brume, Terms of Service: {MARK}\n" in told.stdout
    assert "Quillo" not in told.stdout


def test_the_json_of_status_marks_it(imported: Path) -> None:
    (row,) = json.loads(smallprint("status", "--json", "--archive", str(imported)).stdout)["not_read"]
    assert (row["service"], row["language"], row["not_read"]) == ("Brume", "fr", "French")


def test_history_and_show_mark_it(imported: Path) -> None:
    assert f"words changed, {MARK}" in smallprint("history", "Brume", "--archive", str(imported)).stdout
    french, english = (str(change_of(imported, service)) for service in ("Brume", "Quillo"))
    assert f"\n{MARK}\n" in smallprint("show", french, "--archive", str(imported)).stdout
    assert json.loads(smallprint("show", french, "--json", "--archive", str(imported)).stdout)["not_read"] == "French"
    assert "not read" not in smallprint("show", english, "--archive", str(imported)).stdout


def test_the_front_page_counts_it_and_leads_to_the_list(imported: Path) -> None:
    shown = page(imported, "/")
    assert "1 document is not read for meaning" in words(shown)
    (link,) = [a["href"] for a in shown.select("a") if "not read for meaning" in a.text]
    row = page(imported, str(link)).select("table.rows-and-columns tbody tr")
    assert len(row) == 1
    assert "Brume" in words(row[0])
    assert MARK in words(row[0])


def test_the_page_of_its_changes_marks_it(imported: Path) -> None:
    assert "Not read for meaning: French There are no rules" in words(
        page(imported, f"/-/change/{change_of(imported, 'Brume')}")
    )
    assert "Not read" not in words(page(imported, f"/-/change/{change_of(imported, 'Quillo')}"))


def test_the_table_of_documents_marks_it_and_its_json_has_the_code(imported: Path) -> None:
    cells = [words(cell) for cell in page(imported, "/demo/documents").select("td.col-language")]
    assert sorted(cells) == ["en", f"fr {MARK}"]
    (answer,) = visit(imported, "/demo/documents.json?_shape=objects")
    assert sorted(row["language"] for row in answer.json()["rows"]) == ["en", "fr"]


# The commands and the site, after a crawl


@pytest.fixture(scope="module")
def company() -> Iterator[Server]:
    french = "".join(f"<p>{text}</p>" for text in LONGER)
    pages = {"/cgu": french, "/terms": f"<p>{TEXTS['en']}</p><p>{TRAINING}</p>"}
    with serving({path: Answer(f"<main>{text}</main>".encode()) for path, text in pages.items()}) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, company: Server) -> Path:
    """A user's folder whose settings watch a French and an English page on loopback."""
    text = 'contact = "ann@quillo.example"\narchive = "demo.db"\ndeclarations = ["own"]\nservices = ["Brume"]\n'
    (tmp_path / "smallprint.toml").write_text(
        text + '[crawl]\ndelay = 0\nallow_addresses = ["127.0.0.1"]\n', encoding="utf-8"
    )
    (tmp_path / "own").mkdir()
    terms = {
        "Terms of Service": {"fetch": f"{company.url}/cgu", "select": "main"},
        "Help Page": {"fetch": f"{company.url}/terms", "select": "main"},
    }
    (tmp_path / "own" / "Brume.json").write_text(json.dumps({"name": "Brume", "terms": terms}), encoding="utf-8")
    return tmp_path


def test_a_crawled_document_is_marked_everywhere(folder: Path) -> None:
    done = smallprint("run", cwd=folder)
    assert done.returncode == 0, done.stderr
    told = json.loads(smallprint("status", "--json", cwd=folder).stdout)["not_read"]
    assert [(row["document"], row["not_read"]) for row in told] == [("Terms of Service", "French")]
    cells = [words(cell) for cell in page(folder / "demo.db", "/demo/document_health").select("td.col-language")]
    assert cells == ["en", f"fr {MARK}"]
    assert smallprint("run", cwd=folder).returncode == 0
    assert json.loads(smallprint("status", "--json", cwd=folder).stdout)["not_read"] == told


def test_check_says_it(folder: Path, company: Server) -> None:
    assert f"recorded\n{MARK}\n" in smallprint("check", f"{company.url}/cgu", cwd=folder).stdout
    assert "not read" not in smallprint("check", f"{company.url}/terms", cwd=folder).stdout
    (look,) = json.loads(smallprint("check", f"{company.url}/cgu", "--json", cwd=folder).stdout)
    assert look["not_read"] == "French"


@pytest.mark.parametrize(
    ("new", "decision"),
    [([*LONGER, "Autre chose."], "unflagged"), ([*LONGER, TRAINING], "push"), (LONGER, "returned")],
)
def test_compare_says_it_whatever_is_decided(tmp_path: Path, new: list[str], decision: str) -> None:
    (tmp_path / "old.md").write_text("\n\n".join(LONGER), "utf-8")
    (tmp_path / "new.md").write_text("\n\n".join(new), "utf-8")
    told = json.loads(smallprint("compare", "old.md", "new.md", "--json", cwd=tmp_path).stdout)
    assert (told["decision"], told["not_read"]) == (decision, "French")
    assert smallprint("compare", "old.md", "new.md", cwd=tmp_path).stdout.count(MARK) == 1


def test_compare_of_english_texts_says_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text(TEXTS["en"], "utf-8")
    (tmp_path / "new.md").write_text(f"{TEXTS['en']}\n\nSomething else.", "utf-8")
    told = smallprint("compare", "old.md", "new.md", "--json", cwd=tmp_path).stdout
    assert json.loads(told)["not_read"] == ""
