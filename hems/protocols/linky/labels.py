"""The labels of the Linky's customer output (TIC) that hems reads, and their units.

The output has one of two modes, and the D2L reads both: HISTORIQUE, the mode of the meters before
the Linky, and STANDARD. hems ignores all other labels. ADCO, ADSC and PRM identify the home and
never leave `meter_reading.parse`. Source: Enedis-NOI-CPT_54E, sections 5.1 and 6.2.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.tic_value_formats import Quantity

SUPPLIER_INDEXES = tuple(f"EASF{number:02}" for number in range(1, 11))
DISTRIBUTOR_INDEXES = tuple(f"EASD{number:02}" for number in range(1, 5))
REACTIVE_INDEXES = tuple(f"ERQ{number}" for number in range(1, 5))
OPTION_INDEXES = {  # by the first three characters of the tariff option, OPTARIF
    "BAS": ("BASE",),
    "HC.": ("HCHC", "HCHP"),
    "EJP": ("EJPHN", "EJPHPM"),
    "BBR": ("BBRHCJB", "BBRHPJB", "BBRHCJW", "BBRHPJW", "BBRHCJR", "BBRHPJR"),
}
TEMPO_INDEXES = 6  # of the supplier's: blue, white and red days, off-peak before peak
HISTORIQUE_INDEXES = tuple(label for labels in OPTION_INDEXES.values() for label in labels)

HIGHEST_POWERS = (  # since midnight, and yesterday's
    *("SMAXSN", "SMAXSN1", "SMAXSN2", "SMAXSN3", "SMAXIN"),
    *("SMAXSN-1", "SMAXSN1-1", "SMAXSN2-1", "SMAXSN3-1", "SMAXIN-1"),
)
PEAK_BEGINS = ("DPM1", "DPM2", "DPM3")  # dated: when the mobile peak 1, 2 or 3 begins
PEAK_ENDS = ("FPM1", "FPM2", "FPM3")
INJECTED = ("SINSTI", "SMAXIN", "SMAXIN-1", "CCAIN", "CCAIN-1")  # only a producer's are above zero
LABELS = {
    Quantity.ENERGY: (
        *("EAST", "EAIT"),
        *(SUPPLIER_INDEXES + DISTRIBUTOR_INDEXES + HISTORIQUE_INDEXES),
    ),
    Quantity.REACTIVE_ENERGY: REACTIVE_INDEXES,
    Quantity.POWER: ("CCASN", "CCASN-1", "CCAIN", "CCAIN-1"),
    Quantity.APPARENT_POWER: (
        *("SINSTS", "SINSTS1", "SINSTS2", "SINSTS3", "SINSTI", "PAPP", "PREF", "PCOUP"),
        *HIGHEST_POWERS,
    ),
    Quantity.CURRENT: (
        *("IRMS1", "IRMS2", "IRMS3", "IINST", "IINST1", "IINST2", "IINST3"),
        *("ISOUSC", "IMAX", "IMAX1", "IMAX2", "IMAX3", "ADPS", "ADIR1", "ADIR2", "ADIR3"),
    ),
    Quantity.VOLTAGE: ("URMS1", "URMS2", "URMS3", "UMOY1", "UMOY2", "UMOY3"),
    Quantity.DURATION: ("PEJP",),  # notice of a peak period, 30 min
    Quantity.NUMBER: ("NTARF", "NJOURF", "NJOURF+1", *PEAK_BEGINS, *PEAK_ENDS),
}
QUANTITIES: Mapping[str, Quantity] = {
    label: quantity for quantity, labels in LABELS.items() for label in labels
}
# Registers, which only grow as long as the meter is in use.
REGISTERS = frozenset(LABELS[Quantity.ENERGY] + LABELS[Quantity.REACTIVE_ENERGY])
# The D2L's spelling: Enedis's.
SPELLINGS = {"SINST1": "SINSTS1", "SINST2": "SINSTS2", "SINST3": "SINSTS3"}
SCALES = {"PREF": 1000, "PCOUP": 1000}  # sent in kVA
OTHER_PHASES = {  # only a three-phase meter measures these
    *("IRMS2", "IRMS3", "URMS2", "URMS3", "UMOY2", "UMOY3", "SINSTS2", "SINSTS3"),
    *("IINST2", "IINST3", "IMAX2", "IMAX3", "ADIR2", "ADIR3"),
    *("SMAXSN2", "SMAXSN3", "SMAXSN2-1", "SMAXSN3-1"),
}

TEXTS = ("NGTF", "LTARF", "VTIC", "OPTARIF", "PTEC", "DEMAIN", "HHPHC", "MOTDETAT")
HISTORIQUE_LABELS = frozenset(  # all others are those of STANDARD
    {
        *HISTORIQUE_INDEXES,
        *("PAPP", "IINST", "IINST1", "IINST2", "IINST3", "ISOUSC"),
        *("IMAX", "IMAX1", "IMAX2", "IMAX3", "ADPS", "ADIR1", "ADIR2", "ADIR3"),
        *("OPTARIF", "PTEC", "PEJP", "DEMAIN", "HHPHC", "MOTDETAT"),
    }
)
SCHEDULES = ("PJOURF+1", "PPOINTE")
