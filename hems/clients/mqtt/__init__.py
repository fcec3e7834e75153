"""The clients of the MQTT broker."""
