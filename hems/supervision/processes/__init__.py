"""How the process of a unit begins and ends.

Before its program runs: after_fork, child_preparation, process_environment, user_identity,
capabilities, resource_limits, mount_namespace, credentials, descriptors, exec_report.
In place of an exec: preload, forked_program, import_watch, import_effects, loaded_code.
Until its end: run_members, run_mark, kill_sequence, process_tree, resource_usage.
For the whole container: seal_environment. For all of them: system_calls.
"""
