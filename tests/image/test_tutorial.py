"""The last part of docs/supervision/tutorial.md: its folder becomes a container."""

import shlex
import shutil
from pathlib import Path

import pytest

from tests import executed_document
from tests.image import bases, engine
from tests.image.engine import Podman
from tests.integration.supervision.test_tutorial import TUTORIAL
from tests.integration.worker_process import ROOT

pytestmark = pytest.mark.image
# No registry: podman has the base image already. The container needs no network. Its health check
# is run by hand, since a timer would need systemd.
DOCKER = """\
docker() {{
    command=$1; shift
    case $command in
        build) podman build {building} "$@" ;;
        run) podman run --network=none "$@" ;;
        stop) podman healthcheck run "$@"; podman stop "$@" ;;
        *) podman "$command" "$@" ;;
    esac
}}
"""


def test_the_container_of_the_tutorial_does_what_it_says(
    podman_outside: Podman, tmp_path: Path
) -> None:
    _, after = TUTORIAL.read_text(encoding="utf-8").split("## A container\n")
    part = executed_document.part(after)
    shutil.copytree(TUTORIAL.with_suffix(""), tmp_path, dirs_exist_ok=True)
    shutil.copytree(ROOT / "hems/supervision", tmp_path / "hems/supervision")
    (tmp_path / "hems/__init__.py").touch()
    (tmp_path / "run").mkdir()
    assert [*part.untrue_lines(tmp_path)] == []
    bases.tag_debian(podman_outside, "debian:trixie-slim")
    script = DOCKER.format(building=shlex.join(engine.building())) + part.script()
    done = podman_outside.outcome(["bash", "-euc", script], bases.BUILD_S, cwd=tmp_path)
    differences = "\n".join(part.differences(done.stdout))
    assert not differences, differences + done.stderr
