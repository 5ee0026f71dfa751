"""Measures delivery: whether a slow, a failing and a dead target keep a healthy one waiting, kills, and memory.

    python bench/delivery.py [MESSAGES] [KILLS]

The healthy target is served alone first, then beside one that is dead, one that answers 500 half of the time and one
that takes five seconds for an answer: the ratio of the two times is printed. Then delivery is killed again and again
(SIGKILL) while a target counts what it gets: nothing may be lost, and nothing that was confirmed be sent again. Memory
is that of a process that delivers all messages, beside one that delivers a tenth of them.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from archive import outbox, store
from archive.settings import WEEK
from archive.targets import Target
from notify.run import notify
from tests.builders import POLICY, WORDS, pushed

SLOW = 5.0  # seconds
LONGEST = 0.04  # seconds from the first message of a process until it is killed


class Receiver(ThreadingHTTPServer):
    """Takes messages, and answers as `answer` says; keeps when each came, its id, and whether it said repeated."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: str = "fine") -> None:
        self.answer = answer
        self.taken = list[tuple[float, str, bool]]()
        self.seed = random.Random(7)
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who is killed hangs up: that is no fault."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.answer == "slow":
            time.sleep(SLOW)
        fails = self.server.answer == "fails" and self.server.seed.random() < 0.5
        if not fails:
            self.server.taken.append((time.monotonic(), message["id"], message["repeated"]))
        self.send_response_only(500 if fails else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing is printed."""


@contextmanager
def receiver(answer: str = "fine") -> Iterator[Receiver]:
    with Receiver(answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()


def nobody() -> str:
    """The address of a port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}/hook"


def filled(folder: Path, messages: int) -> Path:
    """An archive with so many pushed changes that are not queued yet."""
    path = folder / "filled.db"
    with store.writing(path) as db:
        for number in range(messages):
            pushed(db, replace(POLICY, type=f"Policy {number}"), f"{WORDS} This is case {number}.")
    return path


def queued(archive: Path, copy: Path, names: list[str]) -> Path:
    """A copy of it with all of them queued for these targets."""
    shutil.copy(archive, copy)
    with store.writing(copy) as db:
        for change in outbox.unqueued(db):
            outbox.queue(db, change, names)
    return copy


def deliver(archive: Path, targets: list[Target]) -> None:
    """Delivers what is due, in this process."""
    with store.writing(archive) as db:
        for _ in notify(db, targets, print, WEEK):
            pass


def started(archive: Path, targets: list[Target]) -> multiprocessing.Process:
    """The same in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=deliver, args=(archive, targets), daemon=True)
    process.start()
    return process


def until_healthy(archive: Path, targets: list[Target], healthy: Receiver, messages: int) -> float:
    """Seconds from the healthy target's first message to its last."""
    process = started(archive, targets)
    while len(healthy.taken) < messages and process.is_alive():
        time.sleep(0.05)
    assert len(healthy.taken) == messages, f"{len(healthy.taken)} of {messages} came"
    if process.is_alive():
        os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    return healthy.taken[-1][0] - healthy.taken[0][0]


def beside(folder: Path, archive: Path, messages: int) -> None:
    """The healthy target alone, and beside three that are not well."""
    times = dict[str, float]()
    for name in ("warm", "alone", "beside", "alone again", "beside again"):
        with receiver() as healthy, receiver("fails") as failing, receiver("slow") as slow:
            targets = [Target("healthy", healthy.url, digest=False)]
            if name.startswith("beside"):
                ill = {"dead": nobody(), "failing": failing.url, "slow": slow.url}
                targets = [Target(name, url, digest=False) for name, url in ill.items()] + targets
            copy = queued(archive, folder / "copy.db", [target.name for target in targets])
            times[name] = until_healthy(copy, targets, healthy, messages)
            print(f"{name}: {messages} messages to the healthy target in {times[name]:.2f} s")
    alone, others = min(times["alone"], times["alone again"]), min(times["beside"], times["beside again"])
    print(f"beside the others / alone: {others / alone:.2f} (at most 1.10)")


def kills(folder: Path, archive: Path, messages: int, count: int) -> None:
    """Kills delivery `count` times at any instant, lets it end, and counts."""
    copy = queued(archive, folder / "kills.db", ["counted"])
    chance, confirmed, again = random.Random(11), set[str](), 0
    with receiver() as server:
        targets = [Target("counted", server.url, digest=False)]
        for _ in range(count):
            seen = len(server.taken)
            process = started(copy, targets)
            deadline = time.monotonic() + 60
            while len(server.taken) == seen and process.is_alive() and time.monotonic() < deadline:
                time.sleep(0.005)
            process.join(chance.uniform(0, LONGEST))
            assert process.is_alive(), "everything was delivered before all kills were done: give it more messages"
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            again += sum(name in confirmed for _, name, _ in server.taken[seen:])
            confirmed = _sent(copy)
        deliver(copy, targets)
        counted = Counter(name for _, name, _ in server.taken)
        unmarked = _unmarked(server)
    print(
        f"{count} kills, {messages} messages: {len(counted)} arrived, {messages - len(counted)} lost (0), "
        f"{again} confirmed ones sent again (0), {sum(n > 1 for n in counted.values())} whose end was unknown came "
        f"twice, {unmarked} of them without the mark (0)"
    )


def _sent(archive: Path) -> set[str]:
    with store.reading(archive) as db:
        return {row["reference"] for row in db.query("SELECT reference FROM notifications WHERE state = 'sent'")}


def _unmarked(server: Receiver) -> int:
    """How many came again without saying that they may have come before."""
    seen, unmarked = set[str](), 0
    for _, name, repeated in server.taken:
        unmarked += name in seen and not repeated
        seen.add(name)
    return unmarked


def memory(folder: Path, archive: Path, messages: int) -> None:
    """The most that a process needs to deliver a tenth of the messages, and all of them."""
    peaks = list[int]()
    for number in (messages // 10, messages):
        copy = queued(archive, folder / f"memory{number}.db", ["healthy"])
        with store.writing(copy) as db:
            db.execute("UPDATE notifications SET state = 'sent' WHERE id > ?", (number,))
        with receiver() as server:
            ear, mouth = multiprocessing.get_context("spawn").Pipe()
            process = multiprocessing.get_context("spawn").Process(
                target=_peak, args=(copy, [Target("healthy", server.url, digest=False)], mouth), daemon=True
            )
            process.start()
            peaks.append(ear.recv())
            process.join()
    few, many = (peak / 1024 for peak in peaks)
    print(f"memory: {few:.0f} MB for {messages // 10} messages, {many:.0f} MB for {messages}: {many / few:.2f}")


def _peak(archive: Path, targets: list[Target], mouth: Any) -> None:
    deliver(archive, targets)
    mouth.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main() -> None:
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with TemporaryDirectory() as name:
        folder = Path(name)
        archive = filled(folder, messages)
        beside(folder, archive, messages)
        kills(folder, archive, messages, count)
        memory(folder, archive, messages)


if __name__ == "__main__":
    main()
