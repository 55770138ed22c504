"""What all tests share."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

# Tests never assert on time: neither do their examples, however busy the machine is.
settings.register_profile("oko", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("oko")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that really commit empty all tables afterwards; only for them the journal may be emptied."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 <> 0"
        )
        for trigger, table in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{trigger}"')
