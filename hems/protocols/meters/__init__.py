"""Which devices of Home Assistant measure electricity, and what each of them is for."""
