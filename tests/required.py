"""What a test needs of the machine it runs on."""

import os

import pytest


def required(missing: str) -> None:
    """Skip the test on a laptop and fail it in CI, unless `missing` is empty."""
    if missing and os.environ.get("CI"):
        pytest.fail(missing, pytrace=False)
    if missing:
        pytest.skip(" ".join(missing.split()))
