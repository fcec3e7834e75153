"""Home Assistant's formats: MQTT discovery, dashboards, entity registry, log file."""
