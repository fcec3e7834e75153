from dev.check.checks.nginx_accepts_configuration import filled_in


def test_only_variables_that_the_filter_accepts_are_filled_in() -> None:
    values = {"NGINX_ENVSUBST_FILTER": "^A$", "A": "1", "B": "2"}
    assert filled_in("${A} ${B} ${C} $A", values) == "1 ${B} ${C} $A"
