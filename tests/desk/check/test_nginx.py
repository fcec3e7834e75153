from hems.desk.check.nginx import filled


def test_only_the_variables_that_the_filter_names_are_filled_in() -> None:
    values = {"NGINX_ENVSUBST_FILTER": "^A$", "A": "1", "B": "2"}
    assert filled("${A} ${B} ${C} $A", values) == "1 ${B} ${C} $A"
