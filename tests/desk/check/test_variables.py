from hems.desk.check import variables
from tests.desk.check.conftest import Found

README = variables.README


def test_a_secret_that_no_table_has_is_found(found: Found) -> None:
    [line] = found(variables.problems, README, "`D2L_DEVICES`", "devices")
    assert line == f"{README}: no table has D2L_DEVICES, which hems/settings/secrets.py reads"


def test_a_variable_that_nobody_reads_is_found(found: Found) -> None:
    [line] = found(variables.problems, README, "`D2L_DEVICES`", "`D2L_DEVICES`, `D2L_DEVIZES`")
    assert line == f"{README}: the table has D2L_DEVIZES, which nobody reads"


def test_a_variable_of_a_services_program_is_found(found: Found) -> None:
    program = "services/hass-configurator/login.py"
    lines = found(variables.problems, program, '"CONFIG_USER"', '"CONFIG_USERS"')
    assert f"{README}: no table has CONFIG_USERS, which {program} reads" in lines


def test_a_variable_of_a_template_is_found(found: Found) -> None:
    template = "services/nginx-reverse-proxy/nginx/templates/redirect.conf.template"
    lines = found(variables.problems, template, "${NGINX_HTTPS_REDIRECT}", "${NGINX_REDIRECT}")
    assert f"{README}: no table has NGINX_REDIRECT, which {template} reads" in lines
