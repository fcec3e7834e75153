"""The settings of a unit: its directives as text and as values, without I/O.

The values: unit_spec, process_settings, time_span, capability_names, exec_command, notify_access,
listen_address.

From text to values: directive_parser, directive (the shape of a row), and a table for each
subject: service_directives, exec_directives, dependency_directives, container_end_directives,
kill_directives, environment_and_credential_directives, privilege_directives, limit_directives,
mount_directives, notify_directives, socket_directives, log_directives.

The modules with records do not import annotations from __future__: typing.NamedTuple would compile
the text of each and keep it.
"""
