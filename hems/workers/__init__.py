"""What runs: one small process each."""
