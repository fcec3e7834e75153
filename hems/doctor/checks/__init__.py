"""The checks, one per module; hems/doctor/check_discovery.py says what a module defines."""
