"""Frozen values and pure functions; no file I/O, no pixels touched."""
