"""Settings of the demo: its known password opens nothing anywhere else."""

from oko.cabinet.site.settings import *  # noqa: F403
from oko.cabinet.site.settings import PASSWORD_HASHERS as USUAL_HASHERS

# First, so that no password of the demo is ever stored in a way that the product itself understands.
PASSWORD_HASHERS = ["oko.cabinet.site.demo.hashers.DemoArgon2", *USUAL_HASHERS]

# One click opens each role of the demo. In the product this is on.
SECOND_FACTOR_COMPULSORY = False
