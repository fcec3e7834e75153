"""The broker's figures of itself, on topics below $SYS (mosquitto(8)), and its limits.

Mosquitto publishes each one, retained, when it has changed, at most every ten seconds. It has none
for connections that it refused.
"""

from __future__ import annotations

DROPPED = "$SYS/broker/publish/messages/dropped"  # messages since its start, for slow clients
MEMORY = "$SYS/broker/heap/current"  # bytes
CLIENTS = "$SYS/broker/clients/connected"
BRIDGES = "$SYS/broker/connection/+/state"  # 1 while the bridge is connected
TOPICS = (DROPPED, MEMORY, CLIENTS, BRIDGES)
ALL = "$SYS/broker/#"

MAX_CONNECTIONS = 200  # hems/workers/provision/password_files.py
MEMORY_LIMIT = 67_108_864  # bytes; services/mqtt/mosquitto.conf
