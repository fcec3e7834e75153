"""Python imports this module at the start of Home Assistant: start.py puts its folder on the path.

What it changes has no setting in Home Assistant, and must hold in its recovery mode, too, which
loads no integration.
"""

import bounded_log
import expiring_bans
import kept_zigbee_networks
import limited_logins

bounded_log.install()
expiring_bans.install()
kept_zigbee_networks.install()
limited_logins.install()
