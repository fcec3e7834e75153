"""How much of the disk has to be free, in percent: for provision and for the doctor."""

from __future__ import annotations

FILLING, NO_LONGER_FILLING = 10.0, 12.0  # below the first there is a problem, until the second
FULL, NO_LONGER_FULL = 2.0, 3.0
NOTE = 15.0  # below it the doctor notes it
