"""Samples of organisations drawn from a frame by a plan, with the whole draw explained."""
