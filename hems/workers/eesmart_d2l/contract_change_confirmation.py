"""The texts of a contract: a text that is absent, or that differs once, is not a new contract."""

from __future__ import annotations

from collections.abc import Mapping

from hems.protocols.linky.label_names import CONTRACT_TEXTS
from hems.workers.eesmart_d2l.confirmation import ConfirmedValues, Evidence

CONFIRMED = Evidence(3, 0.0)  # readings in a row with the same new text
CONFIRMED_BY_REGISTERS = Evidence(2, 0.0)  # while another contract's registers replace the old


class ContractTexts(ConfirmedValues[str]):
    """The confirmed texts NGTF (STANDARD) and OPTARIF (HISTORIQUE) of one meter."""

    def take(self, texts: Mapping[str, str], *, has_new_registers: bool) -> Mapping[str, str]:
        """Take the texts of a reading; return the confirmed ones."""
        if has_new_registers:  # of the other mode, or of another option
            self.remember({label: text for label, text in self.values.items() if label in texts})
        evidence = CONFIRMED_BY_REGISTERS if has_new_registers else CONFIRMED
        for label in CONTRACT_TEXTS & texts.keys():
            self.accept(label, texts[label], evidence)
        return self.values
