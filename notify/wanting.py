"""Says what a target has asked for: which services, regions, topics, and how severe it has to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from archive import reports
from archive.regions import overlap
from archive.severity import highest
from archive.targets import Target
from archive.words import Decision, Severity


def wants(target: Target, report: reports.ChangeReport) -> bool:
    """Whether a target has asked for a change: for one of the documents that the message names, one of its topics, and
    so severe as it is on these."""
    places = [(report.service_key, report.service, report.region)]
    places += [(one.service_key, one.service, one.region) for one in report.together]
    topics = report.topics & set(target.topics)
    return any(watches(target, *place) for place in places) and bool(topics) and _is_severe(target, report)


def watches(target: Target, service: str, service_name: str, region: str) -> bool:
    """Whether a target has asked for a service, by its key or its name in any case, and for what is said there."""
    named = {name.casefold() for name in target.services}
    here = not target.regions or any(overlap(wanted, region) for wanted in target.regions)
    return here and (not named or bool(named & {service.casefold(), service_name.casefold()}))


def chooser(db: Database, target: Target) -> Callable[[dict[str, Any]], bool]:
    """What of a digest a target is told: rows with service (a key), service_name and region; pushes as `wants` says."""

    def wanted(row: dict[str, Any]) -> bool:
        if not watches(target, row["service"], row["service_name"], row["region"]):
            return False
        if "change_id" not in row or row.get("decision", Decision.PUSH) != Decision.PUSH:
            return True
        report = reports.change(db, row["change_id"])
        return report is None or wants(target, report)

    return wanted


def _is_severe(target: Target, report: reports.ChangeReport) -> bool:
    """A change from before there were severities is as severe as it may be."""
    found = highest(report.told, set(target.topics))
    levels = list(Severity)
    return found is None or levels.index(found) <= levels.index(target.severity)
