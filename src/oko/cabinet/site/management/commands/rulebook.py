"""`python -m django rulebook`: who may do what, as a page."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import translation

from oko.cabinet.site import rulebook


class Command(BaseCommand):
    help = "Print the rule set as Markdown, in Russian: docs/access.md is made so."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("ru"):
            self.stdout.write(rulebook.page(), ending="")
