"""The units are read once for each time that supervisord reads its file."""

from types import SimpleNamespace

from hems.supervision.supervisord import configured_units


def test_the_units_are_read_again_only_after_supervisord_has_read_its_file_again() -> None:
    options = SimpleNamespace(process_group_configs=[])
    first = configured_units.read(options)
    assert first.reread(options) is first
    options.process_group_configs = []
    assert first.reread(options) is not first
