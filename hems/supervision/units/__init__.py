"""What a unit is and what happens to it: pure decisions, in which time is an argument.

The life of one unit, from the table to the class that a caller uses:
unit_phase, unit_transitions, unit_lifecycle, process_event_handlers, unit_state_machine, and its
parts: unit_run, unit_processes, unit_deadlines, state_timestamps, restart_policy,
preparation_exit_statuses, container_end.

All units together: dependency_validation (as configured), dependency_decisions and
dependency_actions (as they run), loop_delay_detector.
What people see: unit_properties, unit_state_problems, state_change_journal.
"""
