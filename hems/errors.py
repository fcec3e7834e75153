"""Every error hems raises on purpose. Anything else is a bug and ends the worker."""


class HemsError(Exception):
    """Base class. The worker ends with `exit_code` unless it handles the error."""

    exit_code = 1


class ConfigError(HemsError):
    """A setting is missing or makes no sense. Restarting will not help."""

    exit_code = 78  # EX_CONFIG of sysexits.h


class Unavailable(HemsError):
    """A peer is down or slow. The next step may succeed."""


class Rejected(HemsError):
    """A peer answered and said no. Retrying the same request will not help."""


class ProtocolError(HemsError):
    """A peer sent bytes that break its protocol. Drop the peer, not the worker."""
