"""The client of the balena Supervisor on this device."""
