"""The kinds of problems with the Zigbee stick, its network and its devices.

They are rows of the table of problem_kinds.py. Provision reports them.
"""

from __future__ import annotations

from hems.supervision.worker.problem import Actor, ProblemKind

MINUTE_S = 60.0
IN_SETTINGS = "Settings > Devices & services"
ZIGBEE_STICK_MISSING = ProblemKind(
    "zigbee-stick-missing",
    "the home's Zigbee stick is not plugged in",
    "plug it in again. If it is broken, plug in a blank one of the same kind, and let the operator "
    "run `python -m hems.zigbee restore` in the container hems",
    Actor.FAMILY,
    patience_s=MINUTE_S,  # somebody moves it to another port
)
ZIGBEE_SEVERAL_STICKS = ProblemKind(
    "zigbee-several-sticks",
    "several Zigbee sticks are plugged in, so that none is set up",
    f"unplug all but one, or add the right one in Home Assistant ({IN_SETTINGS})",
    Actor.INSTALLER,
    patience_s=MINUTE_S,
)
ZIGBEE_STICK_IN_USE = ProblemKind(
    "zigbee-stick-in-use",
    "something else uses the Zigbee stick",
    f"remove what the problem names, or unplug it, in Home Assistant ({IN_SETTINGS}); if it names "
    "nothing, restart the service homeassistant",
    Actor.INSTALLER,
    patience_s=MINUTE_S,
)
ZIGBEE_NO_PERMISSION = ProblemKind(
    "zigbee-no-permission",
    "Home Assistant may not open the Zigbee stick",
    "push the release again; in docker-compose.yml the service homeassistant needs "
    "`privileged: true`",
    patience_s=MINUTE_S,
)
ZIGBEE_STICK_SILENT = ProblemKind(
    "zigbee-stick-silent",
    "the Zigbee stick does not work",
    "unplug it and plug it in again, with an extension cable; if that does not help, replace its "
    "firmware or the stick",
    Actor.INSTALLER,
    patience_s=MINUTE_S,
)
ZIGBEE_OTHER_NETWORK = ProblemKind(
    "zigbee-other-network",
    "the Zigbee stick carries another network than this home's",
    "plug the home's own stick in again. Otherwise choose one of the networks in Home Assistant "
    "(Settings > Repairs); the other one is lost",
    Actor.INSTALLER,
)
ZIGBEE_BLANK_STICK = ProblemKind(
    "zigbee-blank-stick",
    "a blank Zigbee stick is in the place of the home's",
    "plug the home's own stick in again. If it is broken, let this one take over its network: in "
    "Home Assistant, Settings > Repairs, restore the old settings. Never use the old one again",
    Actor.INSTALLER,
)
ZIGBEE_NETWORK_CHOICE = ProblemKind(
    "zigbee-network-choice",
    "the gateway knows an earlier Zigbee network, which the stick does not have",
    "to move the earlier network to a blank stick, let the operator run `python -m hems.zigbee "
    "restore` in the container hems; otherwise add the stick in Home Assistant "
    f"({IN_SETTINGS}) and choose the network",
    Actor.INSTALLER,
)
USB_ADAPTER_UNKNOWN = ProblemKind(
    "usb-adapter-unknown",
    "Home Assistant does not know what is plugged in at a USB port",
    f"if it is a Zigbee stick, add it in Home Assistant ({IN_SETTINGS} > Zigbee Home Automation); "
    "otherwise set up what it is for, or unplug it",
    Actor.INSTALLER,
    patience_s=10 * MINUTE_S,  # somebody is about to set it up
)
ZIGBEE_ROUTER_SILENT = ProblemKind(
    "zigbee-router-silent",
    "the Zigbee device {subject} is away, and with it the devices that send through it",
    "look whether it is plugged in and switched on. If it is not used any more, put another plug "
    "in its place, and remove it in Home Assistant",
    Actor.FAMILY,
)
BATTERY_LOW = ProblemKind(
    "battery-low",
    "the battery of {subject} is nearly empty",
    "replace the battery",
    Actor.FAMILY,
)
ZIGBEE_CHANNEL_BUSY = ProblemKind(
    "zigbee-channel-busy",
    "other radios are so loud on the Zigbee channel that messages get lost",
    "move the stick away from the Raspberry Pi and from Wi-Fi, with an extension cable. If that "
    "does not help, set the home's Wi-Fi to another channel, or the Zigbee network in Home "
    "Assistant (docs/meters.md)",
    Actor.INSTALLER,
)
STICK_KINDS = (
    ZIGBEE_STICK_MISSING,
    ZIGBEE_SEVERAL_STICKS,
    ZIGBEE_STICK_IN_USE,
    ZIGBEE_NO_PERMISSION,
    ZIGBEE_STICK_SILENT,
    ZIGBEE_OTHER_NETWORK,
    ZIGBEE_BLANK_STICK,
    ZIGBEE_NETWORK_CHOICE,
    USB_ADAPTER_UNKNOWN,
)
ZIGBEE_KINDS = (*STICK_KINDS, ZIGBEE_ROUTER_SILENT, ZIGBEE_CHANNEL_BUSY, BATTERY_LOW)
