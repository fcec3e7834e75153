"""The plugins of supervisord and supervisorctl, and what they need of the system.

The plugin of supervisord, from its start to its end:
supervisord_plugin, early_exit, plugin_options, unit_supervision, shared_by_units, health_watch,
container_exit

The process of a unit:
child_process       supervisord's Subprocess, from its start to the end of its descendants
unit_process        a child_process with what supervisord calls (unit_process_config)
control_process     a child_process for ExecStartPre and the like
unit_command_execution   the commands of the state machine to both (unit_output)
state_publication   the state that supervisord sees (process_states)
mistake_containment a mistake in the state machine ends one unit only
exec_watch          Type=exec
notify_requests     what the process may ask for: FDSTORE, MAINPID (main_pid_watch)

All units: configured_units, unit_table, unit_groups, group_update, ordered_stop, socket_activation

supervisord's loop: event_loop, loop_round, hang_guard, nonblocking_logs
Notifications: notify_socket, notification_inbox
Requests: rpc_interface, start_rpc_methods, deferred_answer

supervisorctl: supervisorctl_plugin, supervisorctl_commands, update_command
`verify`: configuration_files, configured_programs, configuration_check, setting_check,
supervisord_keys, plugin_import_check
"""
