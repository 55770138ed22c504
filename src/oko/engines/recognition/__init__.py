"""Scanned pages read back: which page of whom it is, what was filled in, and how sure each value is."""
