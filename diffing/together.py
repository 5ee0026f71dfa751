"""Joins pushes of several documents of one owner that make the same edit: one message tells them all."""

from __future__ import annotations

from datetime import timedelta

from sqlite_utils import Database

from archive import pushes

WITHIN = timedelta(days=3)  # of each other: the documents of a company are seldom changed in the same minute


def merge(db: Database) -> None:
    """Says of every new push whose message tells it: its own, or that of an earlier one with all of its news."""
    for push in pushes.untold(db):
        like = next((one for one in pushes.near(db, push, WITHIN) if push.news <= one.news), None)
        pushes.tell_in(db, push.change_id, like.change_id if like else push.change_id)
