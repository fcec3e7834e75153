"""Write the SBOM of an image; see the package's docstring."""

import sys
from pathlib import Path

from sbom.document import as_text, document

TARGET = Path("/usr/share/sbom")

if __name__ == "__main__":
    name, root, inputs = sys.argv[1:]
    TARGET.mkdir(parents=True, exist_ok=True)
    text = as_text(document(name, Path(root), Path(inputs)))
    (TARGET / f"{name}.cdx.json").write_text(text, encoding="utf-8")
