"""Run mosquitto and look after it: its store, its log, and what devices send and keep.

- A store with which mosquitto does not start is put aside, and mosquitto starts with an empty one.
- The store is saved less often the larger it is, so that no device wears out the card.
- A login that sends too much is shut out for ten minutes; retained messages beyond a login's share
  are removed (device_limits.py).
- Devices come in through this program, which bounds what an address sends, and how often it
  guesses a password (device_door.py).
- The log is shortened.
- A broker that does not answer is killed; then this program ends, and the engine starts it again.

What it finds is the retained message of $gateway/broker, which telemetry in hems reads.
"""

from __future__ import annotations

import signal
import sys
import time

from broker_paths import BrokerPaths
from broker_process import BrokerProcess, on_stop_signals, say
from broker_watch import BrokerWatch
from device_logins import DeviceLogins

TICK_S = 0.25


def main(paths: BrokerPaths) -> int:
    """Return mosquitto's exit status, or 1 if it did not start."""
    logins = DeviceLogins(paths)
    logins.update(())
    broker = BrokerProcess(paths)
    on_stop_signals(broker)
    if not broker.start():
        return 1
    watch = BrokerWatch(paths, broker, logins, time.monotonic())
    tick_at = 0.0
    while (status := broker.exit_status()) is None:
        for key, _ in broker.selector.select(TICK_S):
            key.data(time.monotonic())
        if (now := time.monotonic()) >= tick_at and not broker.is_stopping:
            tick_at = now + TICK_S
            if not watch.tick(now):
                say("mosquitto does not answer: it is killed")
                broker.signal(signal.SIGKILL)
    broker.read_rest_of_log()
    return abs(status)


if __name__ == "__main__":
    sys.exit(main(BrokerPaths()))
