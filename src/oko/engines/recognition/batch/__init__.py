"""Thousands of scanned pages read at once: workers, a journal that survives a kill, tables, pictures."""
