"""Simulators of a Linky with its D2L dongle, an MQTT broker and balena's Supervisor."""
