"""supervisord's configuration files as people write them: where each setting is, and secrets."""
