"""The client of Home Assistant's HTTP API and websocket."""
