from pathlib import Path

from hems.system import serial_adapters


def test_an_adapter_has_the_product_name_of_its_usb_device(tmp_path: Path) -> None:
    interface = tmp_path / "usb1" / "1-1" / "1-1:1.0"
    (interface / "ttyUSB0").mkdir(parents=True)
    (interface.parent / "product").write_text("Sonoff Zigbee\n 3.0 USB\n")
    tty = tmp_path / "class" / "ttyUSB0"
    tty.mkdir(parents=True)
    (tty / "device").symlink_to(interface / "ttyUSB0")
    assert serial_adapters.product(tty) == "Sonoff Zigbee 3.0 USB"
    (interface.parent / "product").unlink()
    assert serial_adapters.product(tty) == ""


def test_an_adapter_that_is_plugged_in_again_is_another(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").mkdir()
    before = serial_adapters.plugged_in(tmp_path)
    assert before == serial_adapters.plugged_in(tmp_path)
    assert [name for name, _ in before] == ["ttyUSB0"]
    (tmp_path / "ttyUSB0").rename(tmp_path / "unplugged")
    assert serial_adapters.plugged_in(tmp_path) == ()
    (tmp_path / "ttyUSB0").mkdir()
    assert serial_adapters.plugged_in(tmp_path) != before


def test_only_usb_adapters_are_listed(tmp_path: Path) -> None:
    for name in ("ttyACM1", "ttyAMA0", "ttyUSB1", "ttyUSB0", "ttyS0"):
        (tmp_path / name).mkdir()
    names = [path.name for path in serial_adapters.paths(tmp_path)]
    assert names == ["ttyUSB0", "ttyUSB1", "ttyACM1"]
    assert serial_adapters.paths(tmp_path / "none") == ()
