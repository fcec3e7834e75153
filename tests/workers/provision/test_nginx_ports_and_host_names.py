"""nginx's doors and the gateway's names: written, changed, and nginx restarted when it must be."""

from pathlib import Path

from hems.settings import doors
from tests.fakes.provision import Home


def open_doors(home: Home) -> list[int]:
    return doors.opened((home.gateway / doors.FILE).read_text())


def restarts(home: Home) -> int:
    assert home.supervisor is not None
    return home.supervisor.requests.count("restart nginx-reverse-proxy")


def test_default_doors_need_no_restart_and_a_change_needs_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.run()
    assert (open_doors(home), restarts(home)) == ([], 0)
    home.open_ports = (8123,)
    home.run()
    home.run()
    assert (open_doors(home), restarts(home)) == ([8123], 1)
    home.open_ports = ()
    home.run()
    home.run()
    assert (open_doors(home), restarts(home)) == ([], 2)


def test_plain_mqtt_opens_by_itself_for_a_device(tmp_path: Path) -> None:
    home = Home(tmp_path, {"MQTT_USERS": "plug:unsafe only in tests"}, open_ports=(8086,))
    home.run()
    assert (open_doors(home), restarts(home)) == ([1883, 8086], 1)
    home.environ = {"MQTT_USERS": "plug:unsafe only in tests::tls"}
    home.run()
    assert (open_doors(home), restarts(home)) == ([8086], 2)


def test_each_name_has_a_file_and_no_former_name_has(tmp_path: Path) -> None:
    home = Home(tmp_path, visitors={"hems.local", "192.0.2.1"})
    home.run()
    names = home.gateway / "nginx" / "names"
    assert {path.name for path in names.iterdir()} == home.visitors
    home.visitors = {"hems.local", "192.0.2.9"}
    home.run()
    assert {path.name for path in names.iterdir()} == home.visitors
    assert all(path.read_bytes() == b"" for path in names.iterdir())
    assert restarts(home) == 0


def test_nginx_sees_at_each_request_whether_the_pages_are_on_http_too(tmp_path: Path) -> None:
    home = Home(tmp_path)
    file = home.gateway / "nginx" / "pages-on-http"
    for home.are_pages_on_http in (False, True, True, False):
        home.run()
        assert file.exists() is home.are_pages_on_http
    assert restarts(home) == 0
