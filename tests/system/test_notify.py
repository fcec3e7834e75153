from hems.system.notify import SystemdNotifier


def test_the_beat_is_half_the_watchdog_time() -> None:
    assert SystemdNotifier(None, 30_000_000).beat_s == 15.0
    assert SystemdNotifier(None).beat_s is None


def test_without_a_socket_nothing_is_sent() -> None:
    notifier = SystemdNotifier(None)
    notifier.status("up")
    notifier.ready()
    notifier.stopping()
