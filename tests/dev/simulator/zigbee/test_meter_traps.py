from dev.simulator.zigbee.meter_traps import NO_TRAP, TRAPS
from dev.simulator.zigbee.metering_attributes import METERING, QUANTITIES, Metering
from dev.simulator.zigbee.metering_devices import MeterModel
from dev.simulator.zigbee.zcl_values import ZclValue

USUAL = MeterModel().endpoint()


def test_every_trap_makes_a_difference_that_can_be_sent() -> None:
    for name, trap in TRAPS.items():
        endpoint = MeterModel(trap=trap).endpoint()
        assert (endpoint != USUAL) != bool(trap.sends), name
        for value in endpoint.values.values():
            assert value.typed()
        for quantity, number in trap.sends.items():
            present = USUAL.values[QUANTITIES[quantity]]
            assert ZclValue(present.type, number).encode() != present.encode() or name == "reset"
    assert MeterModel(trap=NO_TRAP).endpoint() == USUAL


def test_an_absent_attribute_is_not_there() -> None:
    values = MeterModel(trap=TRAPS["no-divisor"]).endpoint().values
    assert (METERING, Metering.DIVISOR) not in values
    assert (METERING, Metering.SUMMATION) in values
