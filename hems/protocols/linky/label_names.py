"""The names of a Linky's labels in Home Assistant.

The supplier decides what an EASFxx register counts, so its name is only "index". The labels of
HISTORIQUE's registers say what they count. Home Assistant shows no label without a name.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.labels import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES, SUPPLIER_INDEXES

PHASES = (1, 2, 3)

INDEXES: Mapping[str, str] = {
    "EAST": "Energy index total",
    "EAIT": "Energy injected",
    "BASE": "Energy base",
    "HCHC": "Energy off-peak",
    "HCHP": "Energy peak",
    "EJPHN": "Energy normal hours",
    "EJPHPM": "Energy peak days",
    "BBRHCJB": "Energy blue days off-peak",
    "BBRHPJB": "Energy blue days peak",
    "BBRHCJW": "Energy white days off-peak",
    "BBRHPJW": "Energy white days peak",
    "BBRHCJR": "Energy red days off-peak",
    "BBRHPJR": "Energy red days peak",
    **{label: f"Energy index {n}" for n, label in enumerate(SUPPLIER_INDEXES, 1)},
    **{label: f"Energy distributor index {n}" for n, label in enumerate(DISTRIBUTOR_INDEXES, 1)},
    **{label: f"Reactive energy {n}" for n, label in enumerate(REACTIVE_INDEXES, 1)},
}
LIVE: Mapping[str, str] = {  # measured now
    "SINSTS": "Apparent power",
    "PAPP": "Apparent power",
    "SINSTI": "Apparent power injected",
    "IINST": "Current",
    **{f"SINSTS{phase}": f"Apparent power phase {phase}" for phase in PHASES},
    **{f"IRMS{phase}": f"Current phase {phase}" for phase in PHASES},
    **{f"IINST{phase}": f"Current phase {phase}" for phase in PHASES},
    **{f"URMS{phase}": f"Voltage phase {phase}" for phase in PHASES},
    **{f"UMOY{phase}": f"Average voltage phase {phase}" for phase in PHASES},
}
LOAD_CURVE: Mapping[str, str] = {  # the mean of an interval, with its time
    "CCASN": "Average power",
    "CCASN-1": "Average power before",
    "CCAIN": "Average power injected",
    "CCAIN-1": "Average power injected before",
}
OVERLOADS: Mapping[str, str] = {  # sent only while the current is above the subscribed current
    "ADPS": "Overload current",
    **{f"ADIR{phase}": f"Overload current phase {phase}" for phase in PHASES},
}
HIGHEST: Mapping[str, str] = {  # the maximum of a day, with its time
    "SMAXSN": "Highest power today",
    "SMAXSN-1": "Highest power yesterday",
    "SMAXIN": "Highest power injected today",
    "SMAXIN-1": "Highest power injected yesterday",
    **{f"SMAXSN{phase}": f"Highest power today phase {phase}" for phase in PHASES},
    **{f"SMAXSN{phase}-1": f"Highest power yesterday phase {phase}" for phase in PHASES},
}
RATINGS: Mapping[str, str] = {  # limits of the contract and of the meter
    "PREF": "Subscribed power",
    "PCOUP": "Cut-off power",
    "ISOUSC": "Subscribed current",
    "IMAX": "Maximum current",
    **{f"IMAX{phase}": f"Maximum current phase {phase}" for phase in PHASES},
}
TARIFF_INDEX = {"NTARF": "Current tariff index"}
TEXTS: Mapping[str, str] = {
    "LTARF": "Current tariff",
    "PTEC": "Current tariff",
    "NGTF": "Tariff calendar",
    "OPTARIF": "Tariff option",
}
CONTRACT_TEXTS = frozenset({"NGTF", "OPTARIF"})  # change only with the contract
