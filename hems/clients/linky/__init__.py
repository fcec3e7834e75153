"""The client of the vendor's server for eeSmart D2L dongles."""
