"""The plugins of supervisord and supervisorctl, and what they need of the system.

The plugin of supervisord, from its start to its end:
supervisord_plugin, startup_exit, plugin_options, supervision_loop, shared_by_units,
health_watch, container_exit

The process of a unit:
supervised_subprocess      supervisord's Subprocess, from its start to the end of its descendants
unit_process               a unit's main process, with what supervisord calls
                           (unit_spec_to_supervisord)
control_process            a process for ExecStartPre and the like
state_machine_commands     the commands of the state machine to both (unit_output)
unit_state_to_supervisord  the state that supervisord sees
mistake_containment        a mistake in the state machine ends one unit only
exec_watch                 Type=exec
fdstore_and_mainpid        what the process may ask for: FDSTORE, MAINPID (main_pid_watch)

All units: configured_units, unit_table, groups_become_units, group_update, stop_all_at_shutdown,
socket_activation

supervisord's loop: event_loop, loop_event_order, hang_guard, nonblocking_logs
Notifications: notify_socket, notification_inbox
Requests: rpc_interface, start_rpc_methods, deferred_answer

supervisorctl: supervisorctl_plugin, supervisorctl_commands, update_command
`verify`: configuration_files, tolerant_configuration_reader, configuration_check, setting_check,
supervisord_keys, plugin_import_check
"""
