"""Verbs: what one may do with what one sees. Each app's `rules.py` adds its own; here they are asked."""

from __future__ import annotations

from typing import Any

import rules
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404

from oko.cabinet.foundation.acting import Acting


def may(acting: Acting, verb: str, subject: Any = None) -> bool:
    return bool(rules.test_rule(verb, acting, subject))


def require(acting: Acting, verb: str, subject: Any = None) -> None:
    """Raises PermissionDenied unless the verb is allowed."""
    if not may(acting, verb, subject):
        raise PermissionDenied


def visible_or_404(queryset: models.QuerySet[Any], **lookup: Any) -> Any:
    """What one may not see does not exist."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValueError) as error:
        raise Http404 from error
