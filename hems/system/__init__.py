"""Access to this machine: files, logs, clock, processes, network, GPIO, the notify socket."""
