"""Reads the addresses of targets as Apprise does, and keeps what libraries log to ourselves: addresses stand in it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import apprise

LOGGERS = ("apprise", "urllib3", "requests", "nio")


def scheme(url: str) -> str:
    """What stands before "://", in small letters; of an address of the web the service's that Apprise knows by it."""
    name = url.partition(":")[0].strip().lower()
    known = parsed(url) if name in ("http", "https") else None
    names = (known.secure_protocol or known.protocol) if known is not None else name
    return str(names if isinstance(names, str) else names[0])


def parsed(url: str) -> Any | None:
    """Apprise's reading of an address: a plugin with what it found as attributes. None where it finds no service."""
    with discreet():
        return apprise.Apprise.instantiate(url, suppress_exceptions=True)


@contextmanager
def discreet(ear: logging.Handler | None = None) -> Iterator[None]:
    """Gives what Apprise and the library under it log for this caller to `ear` alone.

    It may be entered in several threads at once: the loggers are as they were when all have left. Apprise takes the
    caller's context with it into threads of its own.
    """
    token = _ear.set(ear)
    with _lock:
        _hush()
    try:
        yield
    finally:
        _ear.reset(token)
        with _lock:
            _speak()


class _Ears(logging.Handler):
    """Passes a record on to the ear of the caller that it is logged for."""

    def emit(self, record: logging.LogRecord) -> None:
        ear = _ear.get()
        if ear and record.levelno >= ear.level:
            ear.emit(record)


def _hush() -> None:
    if not _before:
        for name in LOGGERS:
            logger = logging.getLogger(name)
            _before[name] = (logger.handlers, logger.propagate)
            logger.handlers, logger.propagate = [_Ears()], False
    _inside.append(None)


def _speak() -> None:
    _inside.pop()
    if not _inside:
        for name, (handlers, propagate) in _before.items():
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = handlers, propagate
        _before.clear()


_ear: ContextVar[logging.Handler | None] = ContextVar("ear", default=None)
_lock = threading.Lock()
_inside = list[None]()  # one for each that has entered
_before = dict[str, tuple[list[logging.Handler], bool]]()  # of each logger, what it was
