"""A simulated Zigbee stick with meters and plugs around it: python -m dev.simulator zigbee.

The stick speaks EZSP 13 (EmberZNet 7.4) over ASH, on a TCP port or a pseudo-terminal. It is for
ZHA: encryption in the air, routing, sleepy devices and fragments are not simulated.

Sources: Silicon Labs' UG100 (EZSP) and UG101 (ASH), the Zigbee specification and the Zigbee
cluster library.
"""
