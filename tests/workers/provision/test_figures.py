from hems.workers.provision.figures import Figures, status

WELL = Figures(200.4, (), {}, None, "", has_supervisor=True)


def test_all_is_well() -> None:
    assert status(WELL) == "everything is in place; the certificate is valid for 200 d"


def test_what_waits_is_told_with_its_reason() -> None:
    told = Figures(None, (), {"certificate": "the clock is wrong"}, 1.0, "", has_supervisor=True)
    assert status(told) == "no certificate yet; certificate: the clock is wrong"


def test_the_last_restart_is_told() -> None:
    told = Figures(1.0, (), {}, None, "mqtt was restarted", has_supervisor=True)
    assert status(told).endswith("valid for 1 d; last: mqtt was restarted")
