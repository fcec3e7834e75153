"""Interfaces, NetworkManager, D-Bus, listening sockets and the Wi-Fi portal."""
