"""The workers: one small process each."""
