"""HEMS gateway: small supervised workers around Home Assistant.

Read in this order:

workers/      the workers: one small process each
protocols/    bytes and rules, without I/O
clients/      peers on the network
system/       this machine: files, processes, network, GPIO, clock, logs
settings/     etc/hems.toml and the environment, as typed values
supervision/  systemd's unit semantics inside supervisord, which starts the workers
doctor/       checks that an operator runs, and the advice for each failure
zigbee/       what an operator does with the Zigbee network

worker_table.py lists the workers and builds them; __main__.py starts one. worker_runtime.py has
the loop that every worker runs in, peer_clients.py builds the clients of other services, errors.py
defines the expected errors, backoff_and_rate_limits.py has the back-off and the token bucket, and
worker_outage_log.py logs what fails for a while.
"""

__version__ = "0.1.0"
