from hems.protocols.gateway.refusals_of_an_hour import HOUR_S, MOST_SOURCES, RefusalsOfAnHour


def found(refusals: RefusalsOfAnHour, now: float) -> list[str | None]:
    return [problem.found for problem in refusals.problems(now)]


def test_more_than_a_hundred_in_an_hour_is_a_problem_that_names_its_source() -> None:
    refusals = RefusalsOfAnHour("port 7845")
    for episode in (0.0, 10 * HOUR_S):  # twice: everything is forgotten between
        for second in range(100):
            refusals.add("192.168.1.50", episode + second * 30)
        assert found(refusals, episode + 3000) == []
        refusals.add("192.168.1.51", episode + 3000)
        (problem,) = refusals.problems(episode + 3000)
        assert (problem.name, problem.subject) == ("access-refused", "port 7845")
        assert problem.found == "more than 100 in an hour, most of them from 192.168.1.50"
        assert refusals.count(episode + 3000) == 101
        assert found(refusals, episode + 3000 + 2 * HOUR_S) == []


def test_a_device_with_a_wrong_key_is_no_problem_of_this_kind() -> None:
    refusals = RefusalsOfAnHour("port 7845")
    for minute in range(600):
        refusals.add("192.168.1.50", minute * 60.0)
        assert found(refusals, minute * 60.0) == []


def test_the_text_changes_only_when_the_attack_does() -> None:
    refusals = RefusalsOfAnHour("MQTT")
    texts = set()
    for second in range(900):  # two sources that take turns to have more
        refusals.add(f"10.0.0.{1 + second // 7 % 2}", float(second))
        texts |= set(found(refusals, float(second)))
    assert texts == {"more than 100 in an hour, most of them from 10.0.0.1"}
    refusals.add("10.0.0.2", 901.0, count=1000)
    assert found(refusals, 901.0) == ["more than 1000 in an hour, most of them from 10.0.0.2"]


def test_the_table_is_bounded_whoever_knocks() -> None:
    refusals = RefusalsOfAnHour("MQTT")
    for number in range(20_000):
        refusals.add(f"10.{number >> 8}.{number & 255}.1", number / 5)
    assert refusals.count(4000.0) <= 19_000
    kept = sum(len(counts) for _, counts in refusals._slots)
    assert kept <= (MOST_SOURCES + 1) * 14
    assert found(refusals, 4000.0) == ["more than 10000 in an hour, most of them from others"]
