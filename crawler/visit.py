"""One look at one page of a document, as the spider hands it to the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.words import Fetch, Outcome, Snapshot
from crawler.declaration import Declaration


@dataclass(frozen=True, slots=True)
class Visit:
    """What came back for part `part` of a declared document. `snapshot` is None where no bytes came."""

    declaration: Declaration
    part: int
    fetch: Fetch
    snapshot: Snapshot | None = None

    def ended(self, outcome: Outcome, detail: str) -> Visit:
        """The same visit, once its page has been read."""
        return replace(self, fetch=replace(self.fetch, outcome=outcome, detail=detail))
