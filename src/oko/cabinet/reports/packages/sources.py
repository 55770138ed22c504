"""Where the documents of a package come from: the same that the pages offer, by the same rules."""

from __future__ import annotations

from oko.cabinet.reports.availability import why_not
from oko.cabinet.reports.completeness import warnings
from oko.cabinet.reports.documents import documents
from oko.cabinet.reports.packages.making import Sources

SOURCES = Sources(documents, why_not, warnings)
