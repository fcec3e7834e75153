"""The broker's statistics, on topics below $SYS (mosquitto(8)), and its limits.

Mosquitto publishes each one, retained, when it has changed, at most every ten seconds. It has none
for connections that it refused.
"""

from __future__ import annotations

DROPPED = "$SYS/broker/publish/messages/dropped"  # messages since its start, for slow clients
MEMORY = "$SYS/broker/heap/current"  # bytes
CLIENTS = "$SYS/broker/clients/connected"
BRIDGES = "$SYS/broker/connection/+/state"  # 1 while the bridge is connected
REPORT = "$gateway/broker"  # of services/mqtt: hems/workers/telemetry/mqtt_container_report.py
TOPICS = (DROPPED, MEMORY, CLIENTS, BRIDGES, REPORT)
ALL = "$SYS/broker/#"

OWN_CONNECTIONS = 64  # of Home Assistant, the workers, and programs that read their values
DEVICE_CONNECTIONS = 640  # as many as services/mqtt admits at the door of devices
MEMORY_LIMIT = 50_331_648  # bytes; services/mqtt/mosquitto.conf
