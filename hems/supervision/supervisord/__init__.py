"""The plugins of supervisord and supervisorctl, and what they need of the system.

The plugin of supervisord, from its start to its end:
supervisord_plugin, early_exit, plugin_options, unit_supervision, shared_parts, container_exit

The process of a unit. Each class adds one subject to the one before; control_process, for
ExecStartPre and the like, is the other child_process:
child_process       supervisord's Subprocess, from its start to the end of its descendants
service_process     what it may ask for: FDSTORE, MAINPID; Type=exec (main_pid_watch)
commanded_process   the commands of the state machine (unit_config, unit_output)
unit_process        what supervisord calls, and the state that it sees (process_states)

All units: configured_units, unit_table, unit_groups, ordered_stop, socket_activation

supervisord's loop: event_loop, loop_round, hang_guard, unblocked_logs
Notifications: notify_socket, notification_inbox
Requests: rpc_interface, start_requests

supervisorctl and `verify`: supervisorctl_plugin, unit_commands, configuration_files,
configured_programs, configuration_check, setting_check, program_settings
"""
