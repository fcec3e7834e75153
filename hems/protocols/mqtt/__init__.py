"""The password file and the access list of the MQTT broker."""
