"""Measurements, not assertions: `tox -e bench` prints one table."""
