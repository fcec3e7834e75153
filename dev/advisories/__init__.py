"""Compare what the images contain (their SBOMs) with advisories in the OSV format."""
