"""The process that does what was put off: `python -m oko.cabinet.site.worker`, on any number of machines."""

from __future__ import annotations

import os

import django

GRACE = 6.0  # seconds in which a job may finish when the worker is asked to stop


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oko.cabinet.site.settings")
    django.setup()
    from procrastinate.contrib.django import app

    from oko.cabinet.audit.middleware import of_a_task

    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]  # Django's own
        app.run_worker(
            delete_jobs="successful", shutdown_graceful_timeout=GRACE, worker_middleware=[of_a_task]
        )


if __name__ == "__main__":
    main()
