"""One look at one page of a document, as the spider hands it to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from archive.words import Fetch, Snapshot
from crawler.declaration import Declaration


@dataclass(frozen=True, slots=True)
class Visit:
    """What came back for part `part` of a declared document. `snapshot` is None where no bytes came."""

    declaration: Declaration
    part: int
    fetch: Fetch
    snapshot: Snapshot | None = None
    encoding: str | None = None
