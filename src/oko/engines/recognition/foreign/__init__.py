"""Sheets that Oko did not print: found by their anchors, laid straight, read like its own."""
