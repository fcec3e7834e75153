"""What a family calls the numbers and texts of a Linky, by label.

What an EASFxx register counts depends on the supplier, so it is an "index"; the labels of
HISTORIQUE's registers say what they count. Labels without a name are not shown.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky_fields import DISTRIBUTOR_INDEXES, REACTIVE_INDEXES, SUPPLIER_INDEXES

PHASES = (1, 2, 3)

INDEXES: Mapping[str, str] = {
    "EAST": "Energy total",
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
LIVE: Mapping[str, str] = {  # what is measured now
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
HIGHEST: Mapping[str, str] = {  # of a day, with the moment
    "SMAXSN": "Highest power today",
    "SMAXSN-1": "Highest power yesterday",
    "SMAXIN": "Highest power injected today",
    "SMAXIN-1": "Highest power injected yesterday",
    **{f"SMAXSN{phase}": f"Highest power today phase {phase}" for phase in PHASES},
    **{f"SMAXSN{phase}-1": f"Highest power yesterday phase {phase}" for phase in PHASES},
}
RATINGS: Mapping[str, str] = {  # of the contract and the meter
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
CONTRACT_TEXTS = frozenset({"NGTF", "OPTARIF"})  # change with the contract only
