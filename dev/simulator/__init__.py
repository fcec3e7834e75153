"""Simulators: a Linky with its D2L dongle, Zigbee meters, an MQTT broker, balena's Supervisor."""
