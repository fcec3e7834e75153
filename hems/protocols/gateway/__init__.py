"""The gateway as a device in Home Assistant, and the reports that workers write for each other."""
