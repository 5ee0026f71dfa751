"""`smallprint watch` with real servers and processes: cycles, signals, kills, a clock that jumps, wrong edits."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import store
from archive.errors import ArchiveError
from archive.recording import record_document, record_fetch
from archive.words import Document, Fetch, Outcome
from tests import crawling
from tests.builders import as_it_stands
from tests.commands import smallprint
from tests.crawling import page
from tests.servers import Answer, Raw, Server, Writer, serving
from tests.watching import configured, put, watching

OLD, NEW = page("We train no models on your posts."), page("We may train AI models on your posts.")
LONG = "7d"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with one page that never changes."""
    with serving({"/policy": Answer(OLD)}) as server:
        yield server


def never(out: Writer) -> None:
    """A page that does not come."""
    out.pause(60)


def intact(archive: Path) -> bool:
    """Whether an archive is whole, and nobody writes to it."""
    with store.writing(archive) as db:
        return db.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_cycle_after_cycle_until_it_is_told_to_stop(tmp_path: Path, server: Server) -> None:
    archive = configured(tmp_path, {"Privacy Policy": f"{server.url}/policy"})
    with watching(tmp_path) as watch:
        watch.heard("1 unchanged", 2)
        assert watch.stop() == 0
    assert watch.out[:3] == [
        "Watching 1 documents, each about every 1s.",
        "Fetched 1 pages of 1 documents: 1 recorded. Decided about 1 changes: 1 baseline.",
        "Fetched 1 pages of 1 documents: 1 unchanged.",
    ]
    assert set(watch.out[3:]) <= {watch.out[2]}
    assert watch.errors == []
    assert intact(archive)


def test_a_change_is_told(tmp_path: Path, server: Server) -> None:
    pages = iter([OLD])
    server.answers["/policy"] = lambda asked: Answer(next(pages, NEW))
    configured(tmp_path, {"Privacy Policy": f"{server.url}/policy"})
    with watching(tmp_path) as watch:
        watch.heard("1 notifications sent.")
        assert watch.stop(signal.SIGINT) == 0
    assert "We may train AI models on your posts." in as_it_stands("\n".join(watch.out))


def test_what_is_held_is_looked_at_again_soon_with_what_may_have_the_same_edit(tmp_path: Path, server: Server) -> None:
    """The others of its service and of its owner, all in one cycle; a document of somebody else's is left alone."""
    server.answers |= {f"/{path}": Answer(OLD) for path in ("terms", "wharf", "pier")}
    documents = {"Privacy Policy": f"{server.url}/policy", "Terms of Service": f"{server.url}/terms"}
    configured(tmp_path, documents, LONG)
    gantry = json.loads((tmp_path / "declarations" / "Gantry.json").read_text("utf-8"))
    put(tmp_path / "declarations" / "Gantry.json", json.dumps(gantry | {"owner": "Dockers"}))
    also(tmp_path, "Wharf", "Dockers", f"{server.url}/wharf")
    also(tmp_path, "Pier", "Shipowners", f"{server.url}/pier")
    assert smallprint("crawl", cwd=tmp_path).returncode == 0
    server.answers["/policy"] = Answer(NEW)
    crawl_alone(tmp_path, "Gantry: Privacy Policy")
    with watching(tmp_path) as watch:
        watch.heard(
            "Fetched 3 pages of 3 documents: 3 unchanged. Decided about 1 changes: 1 push. 1 notifications sent."
        )
        assert watch.stop() == 0
    assert {path: len(server.requests(path)) for path in ("/policy", "/terms", "/wharf", "/pier")} == {
        "/policy": 3, "/terms": 2, "/wharf": 2, "/pier": 1
    }  # fmt: skip


def crawl_alone(folder: Path, document: str) -> None:
    """Fetches one document, as if it had been due."""
    file = folder / "smallprint.toml"
    settings = file.read_text("utf-8")
    put(file, settings.replace('services = ["Gantry"', f'services = ["{document}"').replace(', "Pier", "Wharf"]', "]"))
    assert smallprint("crawl", cwd=folder).returncode == 0
    put(file, settings)


def also(folder: Path, service: str, owner: str, url: str) -> None:
    """A further service with one document is watched."""
    file = folder / "smallprint.toml"
    put(file, file.read_text("utf-8").replace('"Gantry"', f'"Gantry", "{service}"'))
    declared = {"name": service, "owner": owner, "terms": {"Imprint": {"fetch": url}}}
    put(folder / "declarations" / f"{service}.json", json.dumps(declared))


def test_what_is_not_due_is_left_alone_after_a_restart(tmp_path: Path, server: Server) -> None:
    server.answers["/terms"] = Answer(OLD)
    documents = {"Privacy Policy": f"{server.url}/policy"}
    configured(tmp_path, documents, LONG)
    with watching(tmp_path) as watch:
        watch.heard("1 recorded")
        watch.process.kill()
    configured(tmp_path, documents | {"Terms of Service": f"{server.url}/terms"}, LONG)
    with watching(tmp_path) as watch:
        watch.heard("Fetched 1 pages of 1 documents: 1 recorded.")
        assert watch.stop() == 0
    assert (len(server.requests("/policy")), len(server.requests("/terms"))) == (1, 1)


def test_a_look_in_the_future_does_not_silence_a_document(tmp_path: Path, server: Server) -> None:
    """The clock was wrong, and has been set back."""
    url = f"{server.url}/policy"
    archive = configured(tmp_path, {"Privacy Policy": url}, LONG)
    with store.writing(archive) as db:
        document = record_document(db, Document("Gantry", "Privacy Policy", url, "Gantry"))
        record_fetch(db, document, 0, Fetch(url, "2999-01-01T00:00:00Z", Outcome.BLOCKED, status=429))
    with watching(tmp_path) as watch:
        watch.heard("1 recorded")
        assert watch.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_in_the_middle_of_a_crawl(tmp_path: Path, server: Server, number: signal.Signals) -> None:
    server.answers["/never"] = Raw(never)
    kinds = {"Privacy Policy": "policy", "Terms of Service": "never"}
    archive = configured(tmp_path, {kind: f"{server.url}/{path}" for kind, path in kinds.items()}, LONG)
    with watching(tmp_path) as watch:
        server.wait_for("/never")
        assert watch.stop(number) == 0
    assert watch.errors == []
    assert list(crawling.fetches(archive)) == ["Privacy Policy"]
    assert intact(archive)


def test_a_second_signal_stops_it_at_once(tmp_path: Path, server: Server) -> None:
    server.answers["/never"] = Raw(never)
    archive = configured(tmp_path, {"Privacy Policy": f"{server.url}/never"}, LONG)
    with watching(tmp_path) as watch:
        server.wait_for("/never")
        watch.process.send_signal(signal.SIGTERM)
        assert watch.stop() == 0
    assert intact(archive)


def test_a_cycle_whose_watch_was_killed_ends_itself(tmp_path: Path, server: Server) -> None:
    server.answers["/never"] = Raw(never)
    archive = configured(tmp_path, {"Privacy Policy": f"{server.url}/never"}, LONG)
    with watching(tmp_path) as watch:
        server.wait_for("/never")
        watch.process.kill()
    wait_until_free(archive)
    server.answers["/never"] = Answer(OLD)
    with watching(tmp_path) as watch:
        watch.heard("1 recorded")
        assert watch.stop() == 0


def wait_until_free(archive: Path) -> None:
    """Returns when nobody writes to the archive any more."""
    for _ in range(600):
        try:
            with store.writing(archive):
                return
        except ArchiveError:
            threading.Event().wait(0.05)
    raise AssertionError("the cycle goes on")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_listens_while_it_crawls(tmp_path: Path, server: Server) -> None:
    """Neither Scrapy's console nor its remote control: every socket is a client's, on loopback here."""
    server.answers["/never"] = Raw(never)
    configured(tmp_path, {"Privacy Policy": f"{server.url}/never"}, LONG)
    with watching(tmp_path) as watch:
        server.wait_for("/never")
        found = sockets(watch.child()) + sockets(watch.process.pid)
        assert watch.stop() == 0
    assert found == [("tcp", server.server_port, ESTABLISHED)]


ESTABLISHED = "01"


def sockets(process: int) -> list[tuple[str, int, str]]:
    """The protocol, the other side's port and the state of each internet socket that a process has, and unix servers.

    A server that listens has port 0 on its other side.
    """
    links = [str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()]
    own = {link[8:-1] for link in links if link.startswith("socket:[")}
    found = []
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process}/net/{kind}").read_text().splitlines()[1:]:
            _, _, other, state, *_, inode = line.split()[:10]
            if inode in own:
                found.append((kind, int(other.split(":")[1], 16), state))
    for line in Path(f"/proc/{process}/net/unix").read_text().splitlines()[1:]:
        flags, inode = line.split()[3], line.split()[6]
        if inode in own and int(flags, 16) & 0x10000:  # it accepts connections
            found.append(("unix", 0, flags))
    return found


def test_a_second_watch_says_that_one_is_running(tmp_path: Path, server: Server) -> None:
    configured(tmp_path, {"Privacy Policy": f"{server.url}/policy"}, LONG)
    with watching(tmp_path) as watch:
        watch.heard("1 recorded")
        second = smallprint("watch", cwd=tmp_path)
        assert watch.stop() == 0
    assert (second.returncode, second.stdout) == (2, "")
    assert f"a watch (process {watch.process.pid}) is running on this archive already" in second.stderr
    assert len(second.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("good", "wrong", "complaint"),
    [
        ("contact", "contract", "contract: unknown key"),
        ('"keeper@example.org"', '""', "contact is empty"),
        ('["Gantry"]', '["Nobody Inc"]', "Nobody Inc"),
        ("[crawl]", '[[target]]\nname = "x"\nurl = "nonsense://s3cret"\n[crawl]', "target 'x'"),
    ],
)
def test_wrong_settings_end_it_at_the_start(
    tmp_path: Path, server: Server, good: str, wrong: str, complaint: str
) -> None:
    configured(tmp_path, {"Privacy Policy": f"{server.url}/policy"})
    file = tmp_path / "smallprint.toml"
    file.write_text(file.read_text("utf-8").replace(good, wrong), "utf-8")
    done = smallprint("watch", cwd=tmp_path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "s3cret" not in done.stderr + done.stdout
    assert server.asked == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("contact =", "smallprint.toml: cannot be read: "),
        (
            "{good}[[target]]\nname = 'x'\nurl = 'nonsense://s3cret'\n",
            "target 'x': Apprise does not understand its url",
        ),
    ],
)
def test_a_wrong_edit_is_told_once_and_the_settings_from_before_are_kept(
    tmp_path: Path, server: Server, wrong: str, complaint: str
) -> None:
    server.answers["/terms"] = Answer(OLD)
    documents = {"Privacy Policy": f"{server.url}/policy"}
    configured(tmp_path, documents)
    file = tmp_path / "smallprint.toml"
    with watching(tmp_path) as watch:
        watch.heard("1 recorded")
        put(file, wrong.replace("{good}", file.read_text("utf-8")))
        watch.heard("the settings from before are kept")
        watch.heard("1 unchanged", watch.count("1 unchanged") + 2)
        configured(tmp_path, documents | {"Terms of Service": f"{server.url}/terms"})
        watch.heard("1 recorded", 2)
        assert watch.stop() == 0
    assert complaint in watch.errors[0]
    assert sum("kept" in line for line in watch.errors) == 1
    assert len(watch.errors) <= 2
    assert "s3cret" not in "".join(watch.errors)


def test_an_archive_in_use_is_told_and_tried_again(tmp_path: Path, server: Server) -> None:
    archive = configured(tmp_path, {"Privacy Policy": f"{server.url}/policy"})
    with watching(tmp_path) as watch:
        with store.writing(archive):
            watch.heard("is writing: wait until it ends")
        watch.heard("1 recorded")
        assert watch.stop() == 0
    assert all("is writing" in line for line in watch.errors)


def test_a_host_is_left_alone_as_long_as_it_asks(tmp_path: Path, server: Server) -> None:
    """By hand, too; what else is due is fetched meanwhile, as often as usual."""
    server.answers["/busy"] = Answer(b"later", 429, {"Retry-After": "86400"})
    documents = {"Privacy Policy": f"{server.url}/policy".replace("127.0.0.1", "localhost")}
    configured(tmp_path, documents | {"Terms of Service": f"{server.url}/busy"})
    with watching(tmp_path) as watch:
        watch.heard("1 unchanged", 3)
        assert watch.stop() == 0
    assert len(server.requests("/busy")) == 1
    done = smallprint("crawl", cwd=tmp_path)
    assert done.returncode == 1
    assert "Fetched 1 pages of 1 documents: 1 unchanged; 1 wait: Gantry, Terms of Service until " in done.stdout
    assert "(the host asks for fewer requests (429))." in done.stdout
    configured(tmp_path, {"Terms of Service": f"{server.url}/busy"})
    assert smallprint("crawl", cwd=tmp_path).stdout.startswith(
        "Fetched nothing; 1 wait: Gantry, Terms of Service until "
    )
    assert len(server.requests("/busy")) == 1
    _check_status(tmp_path)


def _check_status(folder: Path) -> None:
    """What is due is told in order, and what waits with the reason."""
    told = smallprint("status", cwd=folder).stdout.splitlines()
    assert told[0].split() == ["due", "at", "document"]
    assert told[1].rstrip().endswith("Gantry, Privacy Policy")
    assert told[2].endswith("Gantry, Terms of Service  waits: the host asks for fewer requests (429)")
    due = json.loads(smallprint("status", "--json", cwd=folder).stdout)["due"]
    assert [(row["document"], row["waits"]) for row in due] == [
        ("Gantry, Privacy Policy", ""),
        ("Gantry, Terms of Service", "the host asks for fewer requests (429)"),
    ]
    last = crawling.fetches(folder / "a.db")["Terms of Service"]["fetched_at"]
    assert due[1]["due_at"][8:] == f"{int(last[8:10]) + 1:02}{last[10:]}" or last[8:10] >= "28"
