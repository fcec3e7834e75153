"""The protocols of French Linky meters and of the eeSmart D2L dongle."""
