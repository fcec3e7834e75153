"""A worker that beats with the real notifier, at half its watchdog's time."""

import time

from hems.supervision.worker.notifier import SupervisorNotifier

notifier = SupervisorNotifier.of_environment()
notifier.ready()
while True:
    time.sleep(notifier.beat_s or 1)
    notifier.alive()
