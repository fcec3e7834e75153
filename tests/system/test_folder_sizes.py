from pathlib import Path

from hems.system.folder_sizes import sizes

KB = 1024


def test_everything_directly_in_a_volume_has_its_size(tmp_path: Path) -> None:
    engine = tmp_path / "influxdb" / "engine" / "data"
    engine.mkdir(parents=True)
    (engine / "1.tsm").write_bytes(bytes(200 * KB))
    (engine / "2.tsm").write_bytes(bytes(100 * KB))
    (tmp_path / "influxdb" / "influxd.bolt").write_bytes(bytes(64 * KB))
    of_folders = sizes([tmp_path / "influxdb", tmp_path / "missing"])
    assert sorted(of_folders) == [
        str(tmp_path / "influxdb" / "engine"),
        str(tmp_path / "influxdb" / "influxd.bolt"),
    ]
    assert 300 * KB <= of_folders[str(tmp_path / "influxdb" / "engine")] <= 350 * KB
    assert 64 * KB <= of_folders[str(tmp_path / "influxdb" / "influxd.bolt")] <= 80 * KB


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "large").write_bytes(bytes(500 * KB))
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "volume" / "loop").symlink_to(tmp_path / "volume")
    assert sum(sizes([tmp_path / "volume"]).values()) < 50 * KB


def test_holes_of_a_file_take_no_room(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**9)
    assert sum(sizes([tmp_path]).values()) < 50 * KB
