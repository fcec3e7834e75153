"""Find out whether the internet is reachable."""
