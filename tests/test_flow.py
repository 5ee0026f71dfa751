"""The whole way, as a user goes it: `smallprint run` on a real server, told by real mail and a real webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import as_it_stands
from tests.commands import smallprint
from tests.receivers import PASSWORD, TOKEN, Hook, Mailbox, hook, mail_server
from tests.servers import Answer, Server, serving

PAGE = """<!doctype html><html><head><title>{title}</title><script nonce="{nonce}">"{nonce}"</script></head>
<body><header><nav><a href="/">Home</a> <a href="/jobs?trk={nonce}">Jobs</a></nav></header>
<main><h1>{title}</h1><p>Quillo keeps notes for people who write. This page says what happens to them, in plain words,
and whom you can ask when something is unclear to you.</p><h2>Your notes</h2><p>{words}</p>
<ul><li>You can export your notes at any time.</li><li>You can delete them, and we keep no copy.</li></ul></main>
<footer><p>© 2026 Quillo · build {nonce}</p></footer></body></html>"""
BEFORE = "We never use your notes to train AI models."
AFTER = "We may use your notes to train AI models, unless you opt out under Settings > Privacy."
SECRETS = (PASSWORD, TOKEN)

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # the receiver's


def page(title: str, words: str, nonce: str) -> Answer:
    return Answer(PAGE.format(title=title, words=words, nonce=nonce).encode())


class Household:
    """A user's folder, the company's server, and the two places where the user wants to be told."""

    def __init__(self, folder: Path, company: Server, mailbox: Mailbox, webhook: Hook):
        self.folder, self.company, self.mailbox, self.webhook = folder, company, mailbox, webhook

    def publish(self, words: str, nonce: str) -> None:
        """The company puts its pages on its server."""
        self.company.answers["/privacy"] = page("Privacy Policy", words, nonce)
        self.company.answers["/terms"] = page("Terms of Service", "You write the notes.", nonce)

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and everything printed by a command in the user's folder."""
        done = smallprint(*words, cwd=self.folder)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Household, list[tuple[int, str]]]]:
    """Five runs: the first look, only noise, the change, the change confirmed, nothing new."""
    folder = tmp_path_factory.mktemp("quillo")
    with serving() as company, mail_server() as mailbox, hook() as webhook:
        house = Household(folder, company, mailbox, webhook)
        _settle(house)
        runs = []
        for words, nonce in ((BEFORE, "a1"), (BEFORE, "b2"), (AFTER, "c3"), (AFTER, "d4"), (AFTER, "d4")):
            house.publish(words, nonce)
            runs.append(house.run("run"))
        yield house, runs


def _settle(house: Household) -> None:
    """What the user writes once."""
    terms = {"Privacy Policy": "/privacy", "Terms of Service": "/terms"}
    declared = {name: {"fetch": house.company.url + path} for name, path in terms.items()}
    (house.folder / "own").mkdir()
    (house.folder / "own" / "Quillo.json").write_text(json.dumps({"name": "Quillo", "terms": declared}), "utf-8")
    (house.folder / "smallprint.toml").write_text(
        f"""contact = "ann@quillo.example"
archive = "quillo.db"
services = ["Quillo"]
declarations = ["own"]
[crawl]
delay = 0
allow_addresses = ["127.0.0.1"]
[gate]
confirm = "1s"
[[target]]
name = "mail"
url = "{house.mailbox.url}"
[[target]]
name = "hook"
url = "{house.webhook.url}"
topics = ["ai-training"]
""",
        "utf-8",
    )


def test_every_run_ends_well(story: tuple[Household, list[tuple[int, str]]]) -> None:
    assert [code for code, _ in story[1]] == [0, 0, 0, 0, 0], story[1]


def test_the_first_look_and_noise_are_silent(story: tuple[Household, list[tuple[int, str]]]) -> None:
    first, noise, change, confirmed, quiet = (told for _, told in story[1])
    assert "2 baseline" in first and "Told" not in first
    assert noise == "Fetched 2 pages of 2 documents: 2 unchanged.\n"
    assert "1 recorded, 1 unchanged" in change and "1 held" in change and "Told" not in change
    assert "2 unchanged" in confirmed and "1 push" in confirmed and "Told mail" in confirmed
    assert quiet == "Fetched 2 pages of 2 documents: 2 unchanged.\n"


def test_one_mail_arrives_with_the_words(story: tuple[Household, list[tuple[int, str]]]) -> None:
    (mail,) = story[0].mailbox.mails
    assert mail["Subject"] == "Quillo, Privacy Policy: AI training and consent"
    body = mail.get_body(("plain", "html"))
    assert body is not None
    text = as_it_stands(body.get_content())
    assert "We may use your notes to train AI models, unless you opt out under Settings" in text
    assert story[0].company.url + "/privacy" in text


def test_one_post_arrives_with_the_words(story: tuple[Household, list[tuple[int, str]]]) -> None:
    (post,) = story[0].webhook.posted
    assert post["title"] == "Quillo, Privacy Policy: AI training"
    assert "We may use your notes to train AI models" in as_it_stands(post["message"])


def test_the_archive_shows_what_happened(story: tuple[Household, list[tuple[int, str]]]) -> None:
    house = story[0]
    rows = json.loads(house.run("history", "Quillo", "--json")[1])
    assert [(row["document"], row["decision"]) for row in sorted(rows, key=lambda row: row["change_id"])][2:] == [
        ("Privacy Policy", "push")
    ]
    assert "[-never-]" in house.run("show", str(rows[-1]["change_id"]))[1]
    code, told = house.run("status")
    assert (code, told.splitlines()[-1]) == (0, "2 documents, 2 seen at the last look.")


def test_secrets_stay_in_the_settings(story: tuple[Household, list[tuple[int, str]]]) -> None:
    house, runs = story
    kept = b"".join(path.read_bytes() for path in house.folder.glob("quillo.db*"))
    for secret in SECRETS:
        assert secret.encode() not in kept
        assert not any(secret in told for _, told in runs)


def test_trouble_is_told_with_exit_code_1(story: tuple[Household, list[tuple[int, str]]]) -> None:
    house = story[0]
    house.company.answers["/terms"] = Answer(b"go away", 403)
    code, told = house.run("crawl")
    assert code == 1
    assert f"Quillo, Terms of Service: blocked: access is refused (403) ({house.company.url}/terms)" in told
    code, told = house.run("status")
    assert code == 1
    assert "Quillo, Terms of Service: blocked: access is refused (403) (last seen 2" in told


def test_a_shrunk_page_is_told_and_makes_no_version(story: tuple[Household, list[tuple[int, str]]]) -> None:
    house = story[0]
    house.company.answers["/privacy"] = Answer(b"<p>We are busy, come back soon.</p>")
    code, told = house.run("run")
    assert code == 1
    assert "Quillo, Privacy Policy: suspect: only 6 of 66 words are left" in told
    assert "Compared" not in told
    assert "Quillo, Privacy Policy: suspect: only 6 of 66 words are left (last seen 2" in house.run("status")[1]
