"""What later apps may listen to. Both are sent inside the transaction that makes them true.

`protocol_accepted(submission, works)`: from now on this version counts for its paper and organisation; the
list `works` holds a dictionary for each participant, as `exchange.judging` makes them.
`protocol_withdrawn(submission)`: this version counted and does so no longer; nothing takes its place.
"""

from __future__ import annotations

from django.dispatch import Signal

protocol_accepted = Signal()
protocol_withdrawn = Signal()
