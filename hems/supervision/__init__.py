"""systemd's unit semantics inside supervisord."""
