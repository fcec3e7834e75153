from hems.supervision.drops import LINES, PERIOD_S, DropLog


def test_a_flood_is_a_few_lines_and_a_number() -> None:
    lines: list[str] = []
    drops = DropLog(lines.append)
    for number in range(20_000):
        drops.add(f"drop {number}", now=number * 1e-4)
    drops.flush(PERIOD_S - 0.1)
    assert lines == [f"drop {number}" for number in range(LINES)]
    drops.flush(PERIOD_S)
    assert lines[LINES:] == ["19997 more notifications were dropped"]


def test_a_period_without_more_drops_ends_in_silence() -> None:
    lines: list[str] = []
    drops = DropLog(lines.append)
    drops.add("one", 0.0)
    drops.flush(PERIOD_S)
    drops.add("two", PERIOD_S)
    assert lines == ["one", "two"]
