"""Make the pictures of docs/pictures: python -m dev.pictures [FOLDER].

It needs the extra `pictures`, a Chromium, mosquitto, and what bin/up --home-assistant needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dev import ROOT
from dev.pictures import desk_with_past, photographer
from dev.pictures.picture_list import LOCALES, pictures
from hems.errors import HemsError


def main() -> int:
    """Take every picture; return the exit status."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    try:
        taken = []
        for language in LOCALES:
            with desk_with_past.running(language) as desk:
                taken += photographer.take(desk, pictures(language), folder)
    except HemsError as error:
        sys.stderr.write(f"pictures: {error}\n")
        return error.exit_code
    size = sum(path.stat().st_size for path in taken)
    sys.stdout.write(f"{len(taken)} pictures in {folder}, {size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
