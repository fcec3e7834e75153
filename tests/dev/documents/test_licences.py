from typing import Any

from dev.documents.licences import UNKNOWN, document, rows


def sbom(service: str, *components: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"component": {"name": service}}, "components": components}


def package(kind: str, name: str, **licence: str) -> dict[str, Any]:
    named = [{"license": {"name": text}} for text in licence.get("names", "").split()]
    listed = [{"expression": licence["expression"]}] if "expression" in licence else named
    licences = {"licenses": listed} if listed else {}
    return {"name": name, "purl": f"pkg:{kind}/{name}@1", **licences}


def test_each_package_is_one_row_with_its_services_and_licences() -> None:
    sboms = [
        sbom("hems", package("deb", "musl", names="MIT BSD"), package("pypi", "b")),
        sbom("editor", package("deb", "musl", names="MIT BSD"), package("npm", "a")),
        sbom("mqtt", package("pypi", "b", expression="A OR B"), {"name": "debian"}),
    ]
    assert rows(sboms, "deb") == ["| musl | editor, hems | MIT, BSD |"]
    assert rows(sboms, "pypi") == ["| b | mqtt | A OR B |", f"| b | hems | {UNKNOWN} |"]
    page = document(sboms)
    assert page == document(sboms[::-1])
    lines = page.splitlines()
    assert lines.index("## Packages from PyPI") < lines.index("| b | mqtt | A OR B |")
    assert f"| a | editor | {UNKNOWN} |" in lines
