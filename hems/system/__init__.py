"""The machine itself: files, logs, clock, processes, the notify socket."""
