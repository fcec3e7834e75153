"""What a unit is and what happens to it: pure decisions, in which time is an argument.

The life of one unit, from the table to the class that a caller uses:
unit_phase, unit_transitions, unit_life, unit_event_handlers, unit_state_machine, and its parts:
unit_run, unit_processes, unit_deadlines, unit_times, restart_policy, exit_statuses, unit_actions.

All units together: dependency_validation (as configured), unit_ordering and unit_jobs (as they
run), hold_up.
What people see: unit_properties, unit_problems, state_journal.
"""
