"""How the demo keeps passwords."""

from oko.cabinet.people.hashers import TunedArgon2


class DemoArgon2(TunedArgon2):
    """As strong as the product's own, but under a name that only the demo's settings know.

    So if somebody opens the demo's database with `oko serve`, the password that everybody knows is refused.
    """

    algorithm = "oko_demo_argon2"
