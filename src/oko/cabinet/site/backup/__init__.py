"""`oko backup` and `oko restore`: the whole product in one file, and back, in any PostgreSQL it supports."""
