"""Ask the clock for the time."""

import socket

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("run/clock.sock")
    print(connection.makefile().readline(), end="")
