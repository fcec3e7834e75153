from device_addresses import (
    CONNECTIONS,
    GUESSES,
    MAX_KNOWN,
    MAX_TOLD,
    OTHERS,
    DeviceAddress,
    DeviceAddresses,
)
from token_bucket import TokenBucket


def test_a_bucket_fills_at_its_rate() -> None:
    bucket = TokenBucket(10, 2)
    bucket.take(12)
    assert bucket.left(0) == -2
    assert bucket.left(1) == 0
    assert bucket.left(100) == 10


def test_an_address_guesses_ten_times_and_then_once_a_minute() -> None:
    addresses = DeviceAddresses()
    address = addresses.named("192.0.2.9")
    for _ in range(GUESSES):
        assert address.is_admitted(0)
        addresses.refuse(address)
    assert not address.is_admitted(59)
    assert address.is_admitted(60)
    assert addresses.named("192.0.2.9") is address
    assert addresses.named("192.0.2.10").is_admitted(0)
    assert addresses.refused == {"192.0.2.9": GUESSES}


def test_an_address_has_so_many_connections() -> None:
    address = DeviceAddress("192.0.2.9", connections=CONNECTIONS - 1)
    assert address.is_admitted(0)
    address.connections += 1
    assert not address.is_admitted(0)


def test_what_is_known_of_addresses_is_bounded() -> None:
    addresses = DeviceAddresses()
    busy = addresses.named("busy")
    busy.connections = 1
    for number in range(MAX_KNOWN * 2):
        addresses.refuse(addresses.named(str(number)))
    assert addresses.named("busy") is busy
    assert len(addresses._known) <= MAX_KNOWN
    refused = addresses.refused
    assert len(refused) <= MAX_TOLD + 1
    assert sum(refused.values()) == MAX_KNOWN * 2
    assert refused[OTHERS] > MAX_KNOWN
