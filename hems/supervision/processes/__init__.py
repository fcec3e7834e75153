"""How the process of a unit begins and ends.

Before its program runs: child_start, child_signals, child_preparation, process_environment,
user_identity, capabilities, resource_limits, mount_namespace, credentials, passed_descriptors,
exec_report.
In place of an exec: preload, forked_program, fork_hazards, undo_import_effects, code_changes.
Until its end: run_members, run_mark, kill_sequence, process_tree, resource_usage.
For the whole container: entrypoint_environment. For all of them: system_calls.
"""
