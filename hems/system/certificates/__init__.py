"""Create and inspect the gateway's certificates."""
