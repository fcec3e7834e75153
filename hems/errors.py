"""The errors that hems raises on purpose; any other exception is a bug and ends the worker."""


class HemsError(Exception):
    """The base class. A worker that does not handle the error ends with `exit_code`."""

    exit_code = 1


class ConfigError(HemsError):
    """A setting is missing or wrong. A restart does not help."""

    exit_code = 78  # EX_CONFIG of sysexits.h


class Unavailable(HemsError):
    """A peer is down or slow. A later attempt may succeed."""


class Rejected(HemsError):
    """A peer refused a request. The same request would be refused again."""


class ProtocolError(HemsError):
    """A peer sent data that violates its protocol. Drop the connection, keep the worker."""
