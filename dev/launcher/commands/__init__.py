"""One module for each command of bin/, except bin/check (dev/check)."""
