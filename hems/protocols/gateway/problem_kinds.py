"""The table of all problems that the gateway can report; docs/troubleshooting.md has the same.

supervisord reads it ([rpcinterface:supervision] problem_kinds) and gives each problem in its list
the texts of its kind. A worker reports a problem with `ctx.notify.problems([KIND.found("...")])`.
"""

from __future__ import annotations

from hems.protocols.gateway.zigbee_problem_kinds import ZIGBEE_KINDS
from hems.supervision.worker.problem import Actor, ProblemKind

MINUTE_S, HOUR_S = 60.0, 3600.0

# What supervision itself sees (hems/supervision/units/unit_state_problems.py).
UNIT_FAILED = ProblemKind(
    "unit-failed",
    "the unit {subject} has failed and does not start again",
    "correct the cause that the problem or /var/log/hems/{subject}.log names; then run "
    "`supervisorctl reset-failed {subject}` and `supervisorctl start {subject}`",
)
UNIT_RESTARTING = ProblemKind(
    "unit-restarting",
    "the unit {subject} fails again and again",
    "read /var/log/hems/{subject}.log and correct the cause",
    patience_s=2 * MINUTE_S,  # a unit that then runs for one minute has recovered
)
UNIT_STOPPED = ProblemKind(
    "unit-stopped",
    "the unit {subject} does not run",
    "run `supervisorctl start {subject}`",
    patience_s=10.0,  # a restart by hand takes less
)

# What eesmart-d2l reports.
METER_SILENT = ProblemKind(
    "meter-silent",
    "the Linky {subject} sends no readings",
    "look at the dongle in the meter: is it in place, and is the home's Wi-Fi on? Take it out for "
    "a minute; if it stays silent, call the installer",
    Actor.FAMILY,
)
METER_NEVER_SEEN = ProblemKind(
    "meter-never-seen",
    "the Linky {subject} has never sent a valid frame",
    "compare the dongle's id, key and IV in D2L_DEVICES with the vendor's message; check in the "
    "dongle that it uses the home's Wi-Fi, and that its server is the gateway's address, port 7845",
    Actor.INSTALLER,
)

# What provision reports.
SETUP_INCOMPLETE = ProblemKind(
    "setup-incomplete",
    "the step {subject} of the set-up is not done",
    "correct the cause that the problem names; provision then tries again automatically",
    patience_s=10 * MINUTE_S,  # a boot in which services wait for each other takes less
)
SETTING_WRONG = ProblemKind(
    "setting-wrong",
    "the value of {subject} is wrong and is not used",
    "correct the variable or remove it",
)

INFLUXDB_TOKEN_UNKNOWN = ProblemKind(
    "influxdb-token-unknown",
    "no reading is stored in InfluxDB",
    "create a token on the page /influx/ (Load Data > API Tokens), and set INFLUX_TOKEN to it",
)
INFLUXDB_NO_NEW_POINTS = ProblemKind(
    "influxdb-no-new-points",
    "new readings do not reach InfluxDB; Home Assistant keeps them for ten days",
    "wait: the watchdog restarts InfluxDB. If that does not help, run the doctor, which shows how "
    "full the disk is, and read `balena device logs UUID --service influxdb`",
    patience_s=5 * MINUTE_S,
)
RECOVERY_MODE = ProblemKind(
    "home-assistant-recovery-mode",
    "Home Assistant runs in recovery mode, without meters, automations and history",
    "on the page /configurator/, open the file that the problem names and correct the line; then "
    "restart Home Assistant",
    Actor.INSTALLER,
)
RECORDER_CORRUPT = ProblemKind(
    "recorder-corrupt",
    "Home Assistant's database was damaged, and Home Assistant has made a new one; the history is "
    "still in InfluxDB",
    "delete the damaged copy /config/{subject} on the page /configurator/; if this happens again, "
    "replace the card",
    Actor.INSTALLER,
)
STORAGE_CORRUPT = ProblemKind(
    "storage-corrupt",
    "Home Assistant's file {subject} was damaged, and its content is lost",
    "check what is missing in Home Assistant; the gateway creates its own dashboards again. To get "
    "the rest back, restore the newest backup (Settings > System > Backups). Then delete the "
    "damaged copy on the page /configurator/ (Show hidden files)",
    Actor.INSTALLER,
)
NO_WAY_BACK = ProblemKind(
    "home-assistant-no-way-back",
    "Home Assistant was replaced by another release, and what the earlier one wrote was not kept",
    "do not go back to the earlier release, which could not read what this one writes. If the card "
    "has no room, delete old backups. Then delete the file that the problem names on the page "
    "/configurator/",
    Actor.INSTALLER,
)
GATEWAY_BANNED = ProblemKind(
    "gateway-banned",
    "Home Assistant has banned the gateway itself",
    "wait: the watchdog restarts Home Assistant, which lifts the ban. If it does not, restart the "
    "service homeassistant in balena's dashboard; a restart inside Home Assistant is not enough",
    Actor.INSTALLER,
)
PAGE_FAILS = ProblemKind(
    "page-fails",
    "the page {subject} of the gateway fails",
    "for the page /, delete /config/.storage/http on the page /configurator/; then, and for any "
    "other page, restart its service",
    Actor.INSTALLER,
    patience_s=5 * MINUTE_S,  # a service restarts
)
DEVICE_SILENT = ProblemKind(
    "device-silent",
    "the meter or plug {subject} sends no readings",
    "look whether it is plugged in and switched on. Take it out for a minute and put it back, "
    "closer to the gateway if it is Zigbee; if it stays silent, call the installer. If it is not "
    "used any more, remove it in Home Assistant",
    Actor.FAMILY,
)
READING_IMPLAUSIBLE = ProblemKind(
    "reading-implausible",
    "the meter or plug {subject} shows a value that it cannot have measured",
    "nothing, if it happens once: what is wrong is not counted. If it happens again, look in "
    "docs/meters.md for the device's traps, remove the device in Home Assistant and join it again; "
    "if that does not help, replace it",
    Actor.INSTALLER,
)
DISK_FILLING = ProblemKind(
    "disk-filling",
    "the gateway's disk is filling up",
    "delete old backups in Home Assistant, or keep less history: lower "
    "HEMS_INFLUXDB_RETENTION_DAYS; or use a larger card",
    patience_s=30 * MINUTE_S,  # an update needs room for a while
)
DISK_FULL = ProblemKind(
    "disk-full",
    "the gateway's disk is full, so that readings may be lost",
    DISK_FILLING.what_to_do,
    patience_s=MINUTE_S,
)

# What the watchdog reports.
SERVICE_GIVEN_UP = ProblemKind(
    "service-given-up",
    "the service {subject} does not answer, and restarts did not help",
    "read its log, `balena device logs UUID --service {subject}`, and correct the cause",
)
SERVICE_MISSING = ProblemKind(
    "service-missing",
    "the service {subject} is missing, and no update explains it",
    "start the service {subject} in balena's dashboard; if it does not start, push the release "
    "again",
    patience_s=15 * MINUTE_S,  # a restart by hand takes less
    gone_s=MINUTE_S,
)
RELEASE_REJECTED = ProblemKind(
    "release-rejected",
    "the device rejects the new release and stays on the old one",
    "push a release whose requirements (the contract in balena.yml) the device meets",
    gone_s=MINUTE_S,
)
REBOOT_LOST = ProblemKind(
    "reboot-lost",
    "the gateway could not reboot: balena accepted the reboot, but nothing happened",
    "unplug the gateway's power supply, wait ten seconds, and plug it in again",
    Actor.FAMILY,
)
INTERNET_AWAY = ProblemKind(
    "internet-away",
    "there is no internet, and reboots of the gateway did not help",
    "check that the router is on and connected; if it is, call the internet provider",
    Actor.FAMILY,
    gone_s=5 * MINUTE_S,  # a bad line comes and goes
)
DATA_UNWRITABLE = ProblemKind(
    "data-unwritable",
    "the gateway cannot write to its disk",
    "run `df /data` in the container hems. If the card is full, free space on it; if it is not, "
    "replace the card",
    patience_s=MINUTE_S,
)
BALENA_FAILS = ProblemKind(
    "balena-fails",
    "balena's Supervisor refuses requests or does not answer, so nothing is repaired",
    "if the problem names a release, push it again; otherwise run `systemctl restart "
    "balena-supervisor` on the host",
    patience_s=15 * MINUTE_S,  # an update of balenaOS takes less
    gone_s=MINUTE_S,
)

# What telemetry reports.
UNDERVOLTAGE = ProblemKind(
    "undervoltage",
    "the Raspberry Pi's power supply is too weak",
    "use the Raspberry Pi's own power supply. If a disk is plugged into a USB port, it needs a "
    "power supply of its own",
    Actor.INSTALLER,
    patience_s=MINUTE_S,  # once, when it starts or a stick is plugged in, is no problem
    gone_s=HOUR_S,  # it comes with the load
)
BROKER_AT_ITS_LIMIT = ProblemKind(
    "broker-at-its-limit",
    "the MQTT broker is at one of its limits, so that readings may be lost",
    "read `balena device logs UUID --service mqtt` to find the client that sends too much; remove "
    "it, or let it send less",
    patience_s=5 * MINUTE_S,  # clients that all come back at once take less
    gone_s=10 * MINUTE_S,
)
MQTT_DEVICE_SENDS_TOO_MUCH = ProblemKind(
    "mqtt-device-sends-too-much",
    "the MQTT login {subject} sends or keeps too many messages",
    "look at the device or the program that uses this login: let it send less, or keep fewer "
    "retained messages. If it is none of yours, change its password in MQTT_USERS",
    Actor.INSTALLER,
)
MQTT_ANNOUNCEMENT_REFUSED = ProblemKind(
    "mqtt-announcement-refused",
    "the MQTT login {subject} announces to Home Assistant what is not its own",
    "set the device so that it announces only topics and ids of its own (docs/data.md), or name "
    "its topics in MQTT_USERS. If it is none of yours, change its password there",
    Actor.INSTALLER,
)
MQTT_STORE_DAMAGED = ProblemKind(
    "mqtt-store-damaged",
    "the MQTT broker's store was damaged, and the broker has started with an empty one",
    "nothing to repair: devices send their values again, and the problem goes after a month, or "
    "when the container mqtt has no `mosquitto.db.damaged` any more. If this happens again, "
    "replace the card",
)
REPORT_STALE = ProblemKind(
    "report-stale",
    "the worker {subject} runs, but no longer reports",
    "read /var/log/hems/{subject}.log; then `supervisorctl restart {subject}`",
    patience_s=5 * MINUTE_S,
)

# What every worker that guards a door reports (refusals_of_an_hour.py).
ACCESS_REFUSED = ProblemKind(
    "access-refused",
    "the gateway refuses somebody at {subject} again and again",
    "look up in the router which device has the address that the problem names. Correct its "
    "password or key, or disconnect it. If it is none of yours, change the Wi-Fi's password",
    Actor.INSTALLER,
)

# What iptables-init reports.
FIREWALL_INCOMPLETE = ProblemKind(
    "firewall-incomplete",
    "the firewall is incomplete: containers or the hotspot may be cut off, or open to others",
    "`supervisorctl health iptables-init` names what is missing; stop the program that removes the "
    "rules, or reboot the device",
    patience_s=2 * MINUTE_S,
    gone_s=MINUTE_S,
)
KINDS = (
    UNIT_FAILED,
    UNIT_RESTARTING,
    UNIT_STOPPED,
    METER_SILENT,
    METER_NEVER_SEEN,
    SETUP_INCOMPLETE,
    SETTING_WRONG,
    INFLUXDB_TOKEN_UNKNOWN,
    INFLUXDB_NO_NEW_POINTS,
    RECOVERY_MODE,
    RECORDER_CORRUPT,
    STORAGE_CORRUPT,
    NO_WAY_BACK,
    GATEWAY_BANNED,
    PAGE_FAILS,
    *ZIGBEE_KINDS,
    SERVICE_GIVEN_UP,
    SERVICE_MISSING,
    RELEASE_REJECTED,
    REBOOT_LOST,
    INTERNET_AWAY,
    DATA_UNWRITABLE,
    DEVICE_SILENT,
    READING_IMPLAUSIBLE,
    DISK_FILLING,
    DISK_FULL,
    BALENA_FAILS,
    UNDERVOLTAGE,
    BROKER_AT_ITS_LIMIT,
    MQTT_DEVICE_SENDS_TOO_MUCH,
    MQTT_ANNOUNCEMENT_REFUSED,
    MQTT_STORE_DAMAGED,
    REPORT_STALE,
    ACCESS_REFUSED,
    FIREWALL_INCOMPLETE,
)
