from dev.check.checks import documented_variables
from tests.fakes.tree import Tree

README = documented_variables.README


def test_a_secret_that_no_table_has_is_found(tree: Tree) -> None:
    [line] = tree.found(documented_variables.problems, README, "`D2L_DEVICES`", "devices")
    assert line == f"{README}: no table has D2L_DEVICES, which hems/settings/read_secrets.py reads"


def test_a_variable_that_no_program_reads_is_found(tree: Tree) -> None:
    [line] = tree.found(
        documented_variables.problems, README, "`D2L_DEVICES`", "`D2L_DEVICES`, `D2L_DEVIZES`"
    )
    assert line == f"{README}: a table has D2L_DEVIZES, which no program reads"


def test_a_variable_of_a_services_program_is_found(tree: Tree) -> None:
    program = "services/hass-configurator/login.py"
    lines = tree.found(documented_variables.problems, program, '"CONFIG_USER"', '"CONFIG_USERS"')
    assert f"{README}: no table has CONFIG_USERS, which {program} reads" in lines


def test_a_variable_that_a_program_gives_to_another_is_not_one_it_reads(tree: Tree) -> None:
    program = "services/hass-configurator/login.py"
    old, new = "import hmac", 'import hmac\n\nGIVEN = {"REQUEST_METHOD": "POST"}'
    assert tree.found(documented_variables.problems, program, old, new) == []


def test_a_variable_of_home_assistants_yaml_is_found(tree: Tree) -> None:
    file = "services/homeassistant/config/configuration.yaml"
    old, new = "\nenergy:", "\nenergy: !env_var A_B"
    lines = tree.found(documented_variables.problems, file, old, new)
    assert lines == [f"{README}: no table has A_B, which {file} reads"]


def test_a_mistake_in_the_settings_is_not_blamed_on_a_document(tree: Tree) -> None:
    file = "etc/hems.toml"
    assert (
        tree.found(documented_variables.problems, file, "discovery_prefix =", "discovery_prefex =")
        == []
    )


def test_a_setting_that_does_not_exist_is_found(tree: Tree) -> None:
    [line] = tree.found(documented_variables.problems, README, "HEMS_MQTT_PORT", "HEMS_MQTT_PROT")
    assert line == f"{README}: HEMS_MQTT_PROT: unknown setting; did you mean HEMS_MQTT_PORT?"


def test_a_variable_in_a_services_readme_that_no_program_reads_is_found(tree: Tree) -> None:
    readme = "services/mqtt/README.md"
    [line] = tree.found(documented_variables.problems, readme, "`MQTT_USER`", "`MQTT_LOGIN`")
    assert line == f"{readme}: found MQTT_LOGIN, which no program reads"
