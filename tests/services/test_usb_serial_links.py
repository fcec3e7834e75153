"""Names of USB serial adapters, from trees such as sysfs has."""

from __future__ import annotations

from pathlib import Path

import pytest
from usb_serial_links import make_links, names

SONOFF = {
    "manufacturer": "ITEAD",
    "product": "SONOFF Zigbee 3.0 USB Dongle Plus V2",
    "serial": "20231017111928",
    "idVendor": "1a86",
    "idProduct": "55d4",
}


@pytest.fixture
def ttys(tmp_path: Path) -> Path:
    directory = tmp_path / "class"
    directory.mkdir()
    return directory


def plug(ttys: Path, tty: str, about: dict[str, str], port: str = "") -> None:
    """Lay the tree of one adapter: class/TTY/device → device/interface[/TTY]."""
    device = ttys.parent / f"device of {tty}"
    interface = device / "1-1:1.0"
    place = interface / tty if port else interface
    place.mkdir(parents=True)
    for name, text in about.items():
        Path(device, name).write_text(f"{text}\n")
    Path(interface, "bInterfaceNumber").write_text("00\n")
    if port:
        Path(place, "port_number").write_text(f"{port}\n")
    Path(ttys, tty).mkdir()
    Path(ttys, tty, "device").symlink_to(place)


def test_a_modem_class_adapter(ttys: Path) -> None:
    plug(ttys, "ttyACM0", SONOFF)
    name = "usb-ITEAD_SONOFF_Zigbee_3.0_USB_Dongle_Plus_V2_20231017111928-if00"
    assert list(names(ttys)) == [("ttyACM0", name)]


def test_the_name_of_a_converter_has_its_port(ttys: Path) -> None:
    plug(ttys, "ttyUSB0", {"manufacturer": "Silicon Labs", "product": "CP2102N"}, port="0")
    assert list(names(ttys)) == [("ttyUSB0", "usb-Silicon_Labs_CP2102N-if00-port0")]


def test_numbers_replace_missing_texts(ttys: Path) -> None:
    plug(ttys, "ttyUSB0", {"idVendor": "1a86", "idProduct": "7523"}, port="0")
    assert list(names(ttys)) == [("ttyUSB0", "usb-1a86_7523-if00-port0")]


def test_a_link_stays_in_the_folder_whatever_the_stick_calls_itself(
    ttys: Path, tmp_path: Path
) -> None:
    plug(ttys, "ttyACM0", {"manufacturer": "../../x", "product": "é\t/y"})
    make_links(ttys, tmp_path / "dev")
    (link,) = Path(tmp_path, "dev/serial/by-id").iterdir()
    assert link.name == "usb-.._.._x_é__y-if00"


def test_other_serial_ports_get_no_link(ttys: Path, tmp_path: Path) -> None:
    Path(ttys, "ttyAMA0/device").mkdir(parents=True)
    make_links(ttys, tmp_path / "dev")
    assert not Path(tmp_path, "dev").exists()


def test_a_link_follows_its_stick_to_another_node(ttys: Path, tmp_path: Path) -> None:
    by_id = tmp_path / "dev/serial/by-id"
    by_id.mkdir(parents=True)
    name = "usb-ITEAD_SONOFF_Zigbee_3.0_USB_Dongle_Plus_V2_20231017111928-if00"
    Path(by_id, name).symlink_to("ttyACM0")
    plug(ttys, "ttyACM1", SONOFF)
    make_links(ttys, tmp_path / "dev")
    assert Path(by_id, name).readlink() == tmp_path / "dev/ttyACM1"


def test_a_link_of_the_hosts_udev_stays(ttys: Path, tmp_path: Path) -> None:
    by_id = tmp_path / "dev/serial/by-id"
    by_id.mkdir(parents=True)
    name = "usb-ITEAD_SONOFF_Zigbee_3.0_USB_Dongle_Plus_V2_20231017111928-if00"
    Path(by_id, name).symlink_to("../../ttyACM0")
    plug(ttys, "ttyACM0", SONOFF)
    make_links(ttys, tmp_path / "dev")
    assert Path(by_id, name).readlink() == Path("../../ttyACM0")
