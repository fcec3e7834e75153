"""The worker's half: report to the supervisor. It needs nothing but the standard library."""
