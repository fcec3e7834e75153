from hems.supervision.processes.entrypoint_environment import sort_out

WORDS = ["SECRET_*", "USER=d2l", "PATH=/bin", "-APP_FILE", "+APP_*"]


def test_a_variable_of_the_fleet_chooses_nothing_that_the_image_fixes() -> None:
    for user in ("root", "", "nobody-here", "%(ENV_X)s"):
        sorted_out = sort_out({"USER": user, "PATH": "/config", "APP_PORT": "1"}, WORDS)
        assert sorted_out.kept == {"USER": "d2l", "PATH": "/bin", "APP_PORT": "1"}
        assert sorted_out.dropped == ["PATH", "USER"]


def test_what_no_word_keeps_is_dropped_and_named_without_its_value() -> None:
    environ = {"LD_PRELOAD": "/x.so", "APP_FILE": "/x", "HOME": "/root", "USER": "d2l"}
    sorted_out = sort_out(environ, WORDS)
    assert sorted_out.kept == {"USER": "d2l", "PATH": "/bin"}
    assert sorted_out.dropped == ["APP_FILE", "LD_PRELOAD"]


def test_without_a_kept_pattern_all_but_the_secrets_is_kept() -> None:
    sorted_out = sort_out({"SECRET_A": "x", "LD_PRELOAD": "/x.so"}, ["SECRET_*"])
    assert sorted_out == ({"LD_PRELOAD": "/x.so"}, {"SECRET_A": "x"}, [])


def test_a_secret_is_a_plain_file_name() -> None:
    strange = ("SECRET_/../../etc/shadow", "SECRET_\udcff", "SECRET_" + "A" * 300, "SECRET_\n")
    sorted_out = sort_out(dict.fromkeys(strange, "x") | {"SECRET_A": "x"}, WORDS)
    assert sorted_out.secrets == {"SECRET_A": "x"}
    assert len(sorted_out.dropped) == len(strange)
    assert all(name.isprintable() and len(name) <= 128 for name in sorted_out.dropped)
