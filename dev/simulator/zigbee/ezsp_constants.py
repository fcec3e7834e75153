"""The commands and status codes of EZSP 13 that ZHA uses (UG100), and their constant answers."""

from __future__ import annotations

import struct
from enum import IntEnum

from dev.simulator.zigbee.stick_memory import NO_EUI64

VERSION = 13
STACK_TYPE = 2  # a mesh
RELEASE = (7, 4, 3)  # of EmberZNet: major, minor, patch
SL_OK, SL_NOT_FOUND = struct.pack("<I", 0x00), struct.pack("<I", 0x2D)
NO_ADDRESS, NO_INDEX = 0xFFFF, 0xFF
COUNTERS = 41


class EzspStatus(IntEnum):
    """EmberStatus and EzspStatus, of which a byte is sent."""

    SUCCESS = 0x00
    ERROR = 0x01
    INVALID_ID = 0x37  # EZSP: there is no such value
    INVALID_CALL = 0x70
    DELIVERY_FAILED = 0x66
    NETWORK_UP = 0x90
    NETWORK_DOWN = 0x91
    NOT_JOINED = 0x93
    INDEX_OUT_OF_RANGE = 0xB1


class EzspCommand(IntEnum):
    """What a host asks."""

    VERSION = 0x0000
    ADD_ENDPOINT = 0x0002
    NOP = 0x0005
    GET_MANUFACTURING_TOKEN = 0x000B
    SET_CONCENTRATOR = 0x0010
    SET_MANUFACTURER_CODE = 0x0015
    NETWORK_INIT = 0x0017
    NETWORK_STATE = 0x0018
    START_SCAN = 0x001A
    FORM_NETWORK = 0x001E
    LEAVE_NETWORK = 0x0020
    PERMIT_JOINING = 0x0022
    GET_EUI64 = 0x0026
    GET_NODE_ID = 0x0027
    GET_NETWORK_PARAMETERS = 0x0028
    SEND_UNICAST = 0x0034
    SEND_BROADCAST = 0x0036
    SEND_MULTICAST = 0x0038
    CUSTOM_FRAME = 0x0047
    GET_CHILD_DATA = 0x004A
    GET_CONFIGURATION_VALUE = 0x0052
    SET_CONFIGURATION_VALUE = 0x0053
    SET_POLICY = 0x0055
    SET_SOURCE_ROUTE_DISCOVERY_MODE = 0x005A
    GET_ADDRESS_TABLE_REMOTE_EUI64 = 0x005E
    GET_ADDRESS_TABLE_REMOTE_NODE_ID = 0x005F
    LOOK_UP_NODE_ID = 0x0060
    LOOK_UP_EUI64 = 0x0061
    GET_MULTICAST_TABLE_ENTRY = 0x0063
    SET_MULTICAST_TABLE_ENTRY = 0x0064
    READ_AND_CLEAR_COUNTERS = 0x0065
    SET_INITIAL_SECURITY_STATE = 0x0068
    GET_CURRENT_SECURITY_STATE = 0x0069
    CLEAR_TRANSIENT_LINK_KEYS = 0x006B
    FIND_KEY_TABLE_ENTRY = 0x0075
    ERASE_KEY_TABLE_ENTRY = 0x0076
    TOKEN_FACTORY_RESET = 0x0077
    SET_EXTENDED_TIMEOUT = 0x007E
    GET_EXTENDED_TIMEOUT = 0x007F
    REPLACE_ADDRESS_TABLE_ENTRY = 0x0082
    SET_RADIO_POWER = 0x0099
    REMOVE_DEVICE = 0x00A8
    GET_VALUE = 0x00AA
    SET_VALUE = 0x00AB
    SET_CHILD_DATA = 0x00AC
    CLEAR_KEY_TABLE = 0x00B1
    READ_COUNTERS = 0x00F1
    GET_TOKEN_DATA = 0x0102
    SET_TOKEN_DATA = 0x0103
    IMPORT_LINK_KEY = 0x010E
    EXPORT_LINK_KEY_BY_INDEX = 0x010F
    IMPORT_TRANSIENT_KEY = 0x0111
    EXPORT_KEY = 0x0114
    GET_NETWORK_KEY_INFO = 0x0116


class EzspCallback(IntEnum):
    """What the stick tells without being asked."""

    STACK_STATUS = 0x0019
    SCAN_COMPLETE = 0x001C
    TRUST_CENTER_JOIN = 0x0024
    MESSAGE_SENT = 0x003F
    INCOMING_MESSAGE = 0x0045
    ENERGY_SCAN_RESULT = 0x0048


INVALID_COMMAND, UNKNOWN_FRAME = 0x0058, 0x31  # the answer to an unknown command, and its reason
SUCCESS = bytes((EzspStatus.SUCCESS,))
# Commands whose effect is not simulated.
CONSTANT_ANSWERS = {
    EzspCommand.NOP: b"",
    EzspCommand.CUSTOM_FRAME: bytes((EzspStatus.INVALID_CALL, 0)),
    EzspCommand.SET_CONCENTRATOR: SUCCESS,
    EzspCommand.SET_MANUFACTURER_CODE: b"",
    EzspCommand.SET_POLICY: SUCCESS,
    EzspCommand.SET_SOURCE_ROUTE_DISCOVERY_MODE: bytes(4),
    EzspCommand.SET_RADIO_POWER: SUCCESS,
    EzspCommand.SET_CHILD_DATA: SUCCESS,
    EzspCommand.GET_CHILD_DATA: bytes((EzspStatus.NOT_JOINED,)) + bytes(18),
    EzspCommand.GET_ADDRESS_TABLE_REMOTE_EUI64: NO_EUI64,
    EzspCommand.GET_ADDRESS_TABLE_REMOTE_NODE_ID: struct.pack("<H", NO_ADDRESS),
    EzspCommand.REPLACE_ADDRESS_TABLE_ENTRY: SUCCESS + NO_EUI64 + struct.pack("<HB", NO_ADDRESS, 0),
    EzspCommand.CLEAR_TRANSIENT_LINK_KEYS: b"",
    EzspCommand.FIND_KEY_TABLE_ENTRY: bytes((NO_INDEX,)),
    EzspCommand.ERASE_KEY_TABLE_ENTRY: SUCCESS,
    EzspCommand.CLEAR_KEY_TABLE: SUCCESS,
    EzspCommand.IMPORT_LINK_KEY: SL_OK,
    EzspCommand.IMPORT_TRANSIENT_KEY: SL_OK,
    EzspCommand.EXPORT_LINK_KEY_BY_INDEX: bytes(8 + 16 + 12) + SL_NOT_FOUND,
    EzspCommand.SET_EXTENDED_TIMEOUT: b"",
    EzspCommand.GET_EXTENDED_TIMEOUT: b"\x01",
    EzspCommand.READ_COUNTERS: bytes(2 * COUNTERS),
    EzspCommand.READ_AND_CLEAR_COUNTERS: bytes(2 * COUNTERS),
}


def sized(data: bytes) -> bytes:
    """Return `data` after a byte with its length."""
    return bytes((len(data),)) + data
