from pathlib import Path

from hems.doctor.checks import zigbee_coordinator


def test_an_adapter_has_the_product_name_of_its_usb_device(tmp_path: Path) -> None:
    interface = tmp_path / "usb1" / "1-1" / "1-1:1.0"
    (interface / "ttyUSB0").mkdir(parents=True)
    (interface.parent / "product").write_text("Sonoff Zigbee\n 3.0 USB\n")
    tty = tmp_path / "class" / "ttyUSB0"
    tty.mkdir(parents=True)
    (tty / "device").symlink_to(interface / "ttyUSB0")
    assert zigbee_coordinator.product(tty) == "Sonoff Zigbee 3.0 USB"
    (interface.parent / "product").unlink()
    assert zigbee_coordinator.product(tty) == ""
