"""A worker that beats with the real notifier, at half its watchdog's time."""

import os
import time

from hems.system.notify import SystemdNotifier

notifier = SystemdNotifier(os.environ["NOTIFY_SOCKET"], int(os.environ["WATCHDOG_USEC"]))
notifier.ready()
while True:
    time.sleep(notifier.beat_s or 1)
    notifier.alive()
