from hems.settings.validation_problems import DEFAULT, SettingsProblem
from hems.workers.provision.provision_metrics import ProvisionMetrics, problems, status

WELL = ProvisionMetrics(200.4, (), {}, "")


def test_all_is_well() -> None:
    assert status(WELL) == "everything is in place; the certificate is valid for 200 d"


def test_what_waits_is_told_with_its_reason() -> None:
    metrics = ProvisionMetrics(None, (), {"certificate": "the clock is wrong"}, "")
    assert status(metrics) == "no certificate yet; certificate: the clock is wrong"


def test_the_last_restart_is_told() -> None:
    metrics = ProvisionMetrics(1.0, (), {}, "mqtt was restarted")
    assert status(metrics).endswith("valid for 1 d; last: mqtt was restarted")


WAITING = {"nginx": "File exists", "restart of mqtt": "restart it by hand"}


def test_each_step_that_is_not_done_is_a_problem() -> None:
    reported = list(problems(WAITING, (), has_supervisor=True))
    assert [(one.name, one.subject, one.found) for one in reported] == [
        ("setup-incomplete", "nginx", "File exists"),
        ("setup-incomplete", "restart of mqtt", "restart it by hand"),
    ]


def test_without_a_supervisor_a_restart_by_hand_is_no_problem() -> None:
    assert [one.subject for one in problems(WAITING, (), has_supervisor=False)] == ["nginx"]


def test_mistakes_in_a_setting_are_one_problem_of_its_variable() -> None:
    wrong = (
        SettingsProblem("home_assistant", "found 'x'", DEFAULT, "time_zone"),
        SettingsProblem("MQTT_USERS", "one"),
        SettingsProblem("MQTT_USERS", "two"),
    )
    assert [
        (one.name, one.subject, one.found) for one in problems({}, wrong, has_supervisor=True)
    ] == [
        (
            "setting-wrong",
            "HEMS_HOME_ASSISTANT_TIME_ZONE",
            "found 'x'; the default is used",
        ),
        ("setting-wrong", "MQTT_USERS", "one; two"),
    ]
