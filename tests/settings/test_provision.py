from pathlib import Path

import pytest

from hems.settings.address_validation import is_server_name
from hems.settings.provision import ProvisionSettings


@pytest.mark.parametrize("name", ["hems.example", "a", "192.0.2.1", "::1", "xn--bcher-kva.ch"])
def test_a_name_that_a_certificate_can_have(name: str) -> None:
    assert is_server_name(name)


@pytest.mark.parametrize(
    "name", ["", "https://h", "a_b", "-a", "a..b", "x" * 64, "h:443", "*", "fe80::1%eth0"]
)
def test_a_name_that_no_certificate_can_have(name: str) -> None:
    assert not is_server_name(name)
    (problem,) = ProvisionSettings(names=(name,)).problems()
    assert problem.text.startswith(f"found {name!r}, expected a host name")


def test_the_secrets_are_below_the_gateways_directory() -> None:
    assert ProvisionSettings().secrets_directory == Path("/gateway/secrets")
