"""One change, told by the command line to six real servers beside a target that is dead: once, and readable."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from archive import store
from archive.words import Decision, Edit, EditKind, Fact, Reading
from tests.builders import decided, flag, paragraphs, version
from tests.channels import Homeserver, MastodonMock, Ntfy, Receiver, Snac
from tests.commands import smallprint
from tests.receivers import mail_server, nobody

BEFORE = "We never use what you write to train our models."
AFTER = "We use what you write to train our models, unless you object under Settings > Data."
REDLINE = "We [removed: never] use what you write to train our models[added: , unless you object under Settings > Data"
TITLE = "Quillo, Privacy Policy: AI training"
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")  # the receiver's


def change(archive: Path) -> None:
    """An archive in which a promise was turned round."""
    with store.writing(archive) as db:
        decided(db, version(db, paragraphs("Hello.", BEFORE), 1), Decision.BASELINE)
        after = version(db, paragraphs("Hello.", AFTER), 2)
        facts = (Fact("optout", "Settings > Data", AFTER),)
        edit = Edit(EditKind.CHANGED, "Your data", BEFORE, AFTER)
        decided(db, after, Decision.PUSH, (edit, Reading((flag(AFTER),), facts)))


def read(text: str) -> str:
    """Words as people read them: without elements and invisible joiners; spaces differ with the channel."""
    return "".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u2060", "").split())


def test_one_change_reaches_every_channel_once(
    tmp_path: Path, homeserver: Homeserver, snac: Snac, mastodon_mock: MastodonMock, ntfy: Ntfy, receiver: Receiver
) -> None:
    change(tmp_path / "archive.db")
    room = homeserver.room("everywhere")
    with mail_server() as mailbox:
        urls = {
            "gone": nobody(),
            "mail": mailbox.url,
            "room": f"matrix://bot:{homeserver.bot.password}@{homeserver.host}/%23everywhere",
            "snac": f"mastodon://{snac.token}@{snac.host}",
            "mastodon": f"mastodon://{mastodon_mock.token}@{mastodon_mock.host}",
            "ntfy": f"ntfy://{ntfy.user}:{ntfy.password}@{ntfy.host}/everywhere",
            "hook": f"{receiver.url}/hook",
        }
        tables = "".join(f'[[target]]\nname = "{name}"\nurl = "{url}"\n' for name, url in urls.items())
        (tmp_path / "smallprint.toml").write_text(f'archive = "archive.db"\n{tables}')
        first, second = smallprint("notify", cwd=tmp_path), smallprint("notify", cwd=tmp_path)
    assert first.returncode == 1
    assert sorted(line for line in first.stdout.splitlines() if line.startswith("Told")) == sorted(
        f"Told {name}: {TITLE}" for name in urls if name != "gone"
    )
    assert "gone: not delivered: " in first.stdout
    assert (second.returncode, second.stdout) == (0, "")
    arrived = [mail.get_body(["plain"]) for mail in mailbox.mails]  # type: ignore[list-item]
    assert len(arrived) == len(homeserver.messages(room)) == len(ntfy.messages("everywhere")) == 1
    assert len(receiver.requests) == 1
    texts = [
        *(part.get_content() for part in arrived if part),
        homeserver.messages(room)[0]["body"],
        " ".join(status["content"] for status in snac.statuses()),
        " ".join(status["content"] for status in mastodon_mock.statuses()),
        ntfy.messages("everywhere")[0]["message"],
        json.loads(receiver.requests[0].body)["text"],
    ]
    for text in texts:
        assert read(REDLINE) in read(text), text
        assert read("How to refuse: Settings > Data") in read(text), text
    assert not any(secret in first.stdout + first.stderr for url in urls.values() for secret in (url, snac.token))
