"""Forms: a results protocol goes down as XLSX, comes back filled, and becomes works and findings by cell."""

from oko.engines.forms.kinds import Finding, Kind
from oko.engines.forms.protocol import ProtocolReading, read_protocol
from oko.engines.forms.unreadable import Reason, UnreadableProtocol
from oko.engines.forms.works import Expected, Work

__all__ = [
    "Expected",
    "Finding",
    "Kind",
    "ProtocolReading",
    "Reason",
    "UnreadableProtocol",
    "Work",
    "read_protocol",
]
