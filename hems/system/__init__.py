"""This machine: files, logs, clock, processes, the notify socket."""
