"""Data of the host: NetworkManager's D-Bus objects, and files in /sys."""
