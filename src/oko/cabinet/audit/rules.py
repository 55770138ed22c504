"""Who reads the journal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from oko.cabinet.foundation.access import Reach, declare, grant

declare(
    "audit.read",
    _("Читать журнал событий"),
    grant({"federal_organiser"}, Reach.COUNTRY),
    grant({"regional_coordinator"}, Reach.REGION),
)
declare(
    "audit.read_own",
    _("Видеть, кто смотрел данные своей организации"),
    grant(
        {
            "head",
            "school_coordinator",
            "technical_specialist",
            "municipal_coordinator",
            "responsible_coordinator",
        },
        Reach.OWN,
    ),
)
