from pathlib import Path

import pytest

from hems.settings.provision import Provision, is_server_name


@pytest.mark.parametrize("name", ["hems.example", "a", "192.0.2.1", "::1", "xn--bcher-kva.ch"])
def test_a_name_that_a_certificate_can_have(name: str) -> None:
    assert is_server_name(name)


@pytest.mark.parametrize("name", ["", "https://h", "a_b", "-a", "a..b", "x" * 64, "h:443", "*"])
def test_a_name_that_no_certificate_can_have(name: str) -> None:
    assert not is_server_name(name)
    (problem,) = Provision(names=(name,)).problems()
    assert problem.startswith(f"names: {name!r}, expected a host's name")


def test_a_directory_is_an_absolute_path() -> None:
    (problem,) = Provision(data_directory="data").problems()
    assert problem == "data_directory: 'data', expected a path that begins with /"


def test_the_secrets_are_below_the_gateways_directory() -> None:
    assert Provision().secrets_directory == Path("/gateway/secrets")
