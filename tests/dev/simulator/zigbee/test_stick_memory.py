import random
from pathlib import Path

from dev.simulator.zigbee import stick_memory
from dev.simulator.zigbee.stick_memory import (
    DEFAULT_EUI64,
    NO_EUI64,
    RESTORED_EUI64,
    StickMemory,
    random_network,
)

OTHER = bytes(range(8))


def test_the_memory_is_the_same_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "stick.json"
    assert stick_memory.read(path) == StickMemory()
    memory = StickMemory(OTHER, random_network(random.Random(1)), {RESTORED_EUI64: OTHER})
    stick_memory.write(path, memory)
    assert stick_memory.read(path) == memory


def test_a_restored_address_replaces_that_of_the_factory() -> None:
    memory = StickMemory()
    assert memory.eui64 == DEFAULT_EUI64
    memory.tokens[RESTORED_EUI64] = OTHER
    assert memory.eui64 == OTHER
    memory.tokens[RESTORED_EUI64] = NO_EUI64
    assert memory.eui64 == DEFAULT_EUI64


def test_an_erased_stick_is_blank() -> None:
    memory = StickMemory(OTHER, random_network(random.Random(1)), {RESTORED_EUI64: bytes(8)})
    memory.erase()
    assert memory == StickMemory(OTHER)


def test_no_two_networks_are_the_same() -> None:
    source = random.Random(1)
    first, second = random_network(source), random_network(source)
    assert len(first.parameters) == 20
    assert first.parameters[11] == 15  # the channel
    assert len(first.key) == 16
    assert first.key != second.key
    assert first.extended_pan_id != second.extended_pan_id
