"""What the demo says on the terminal."""

from __future__ import annotations

import sys

from oko.cabinet.people.models import Appointment, Role
from oko.cabinet.site.demo import course, staff


def show_progress(done: int, of: int) -> None:
    """One line that grows on a terminal; a few lines in a log."""
    if sys.stdout.isatty():
        end = "\n" if done == of else ""
        print(f"\rНаполняю «Демонстрационную область»: {done} из {of}", end=end, flush=True)
    elif done % 50 == 0 or done == of:
        print(f"Наполняю «Демонстрационную область»: {done} из {of}", flush=True)


def text(port: int) -> str:
    """The address, one account a role, and how to stop."""
    standing = Appointment.everything.filter(
        person__username__in=staff.LOGINS.values(), assessment__code=course.CODE
    ).select_related("person", "organisation")
    places = {appointment.person.username: appointment.organisation.short_name for appointment in standing}
    lines = [
        f"  {login:<13} {Role(role).label} — {places.get(login, '')}" for role, login in staff.LOGINS.items()
    ]
    return "\n".join(
        [
            "",
            f"Око, демонстрация: http://127.0.0.1:{port}/",
            "",
            f"Пароль у всех один: {staff.PASSWORD}",
            "Логины:",
            *lines,
            "Логин технического специалиста любой школы — её код, например edu970002.",
            "В демонстрации второй фактор не обязателен; в рабочей системе без него федеральным",
            "и региональным ролям кабинет не откроется.",
            "",
            "Остановить: Ctrl-C. Начать сначала: удалите папку var/demo.",
        ]
    )
