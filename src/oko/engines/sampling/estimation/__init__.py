"""Estimates of a population from a sample, with standard errors that follow the design."""
