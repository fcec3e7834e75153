"""Sockets and other descriptors that outlive a unit's process: sd_listen_fds(3)."""
