"""The health of all units and the list of their problems."""
