"""Make the editor's page work without the internet.

The package loads its code editor, style sheet and icons from a content delivery network, and
portraits of its authors from a code host. The image contains the first three, below the address of
the page; the portraits are removed. The build runs this once: `python3 offline_page.py dev.html`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

NETWORK = "https://cdnjs.cloudflare.com/ajax/libs"
LOCAL = {
    f"{NETWORK}/ace/1.9.6/": "ace/",
    f"{NETWORK}/MaterialDesign-Webfont/3.4.93/css/": "mdi/css/",
    f"{NETWORK}/materialize/0.100.2/css/": "materialize/css/",
}
# Without an icon browsers request /favicon.ico, which is outside the address of the page.
ICON = '<link rel="icon" href="data:,">'
_PORTRAIT = re.compile(r'<img src="https://[^>]*>')


def offline(page: str) -> str:
    """Return `page` with every file that it loads below its own address.

    Raises ValueError if `page` loads other files than expected: the package has a new version,
    and LOCAL must change with it.
    """
    for remote, local in LOCAL.items():
        if remote not in page:
            raise ValueError(f"the page does not load {remote}: see services/hass-configurator")
        page = page.replace(remote, local)
    if NETWORK in page:
        raise ValueError(f"the page loads another file from {NETWORK}")
    return _PORTRAIT.sub("", page).replace("<head>", f"<head>{ICON}", 1)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(offline(path.read_text(encoding="utf-8")), encoding="utf-8")
