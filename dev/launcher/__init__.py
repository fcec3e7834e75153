"""The commands of bin/, and the gateway that bin/up runs on this machine (the desk)."""
