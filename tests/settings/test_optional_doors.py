import pytest

from hems.settings.optional_doors import open_ports
from hems.settings.validation_problems import SettingsProblem


@pytest.mark.parametrize(
    ("text", "ports", "mistakes"),
    [
        ("", (), []),
        ("8123, 8086", (8086, 8123), []),
        (" 8123;8123 1883\n", (1883, 8123), []),
        ("443, 8123", (8123,), []),  # 443 is open anyway
        ("8123, 22", (8123,), ["'22'"]),
        ("8123-8125; 08123; ²", (), ["'8123-8125'", "'08123'", "'²'"]),
        ("include /x;", (), ["'include'", "'/x'"]),
    ],
)
def test_ports_that_the_variable_opens(
    text: str, ports: tuple[int, ...], mistakes: list[str]
) -> None:
    problems: list[SettingsProblem] = []
    assert open_ports({"OPEN_PORTS": text}, problems) == ports
    expected = "expected some of 1883, 3218, 6053, 8086, 8123"
    assert [one.text for one in problems] == [
        f"OPEN_PORTS: found {word}, {expected}" for word in mistakes
    ]
    assert all(one.instead for one in problems)
