from pathlib import Path

from hems.settings.credentials_directory import with_credentials


def test_a_credential_takes_precedence_over_a_variable(tmp_path: Path) -> None:
    (tmp_path / "MQTT_PASSWORD").write_text("from the file")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "MQTT_PASSWORD": "variable", "LANG": "C"}
    assert with_credentials(environ) == environ | {"MQTT_PASSWORD": "from the file"}


def test_without_credentials_there_are_the_variables(tmp_path: Path) -> None:
    for environ in ({"A": "1"}, {"A": "1", "CREDENTIALS_DIRECTORY": str(tmp_path / "missing")}):
        assert with_credentials(environ) == environ


def test_a_credential_may_have_any_bytes_that_a_variable_may_have(tmp_path: Path) -> None:
    (tmp_path / "MQTT_PASSWORD").write_bytes(b"\xff")
    environ = with_credentials({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert environ["MQTT_PASSWORD"] == "\udcff"
