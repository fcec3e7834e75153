import pytest

from hems.clients.homeassistant_answers import FlowStep, Tokens, decoded
from hems.errors import ProtocolError


@pytest.mark.parametrize(
    "body", [b'{"access_token":"s3cret"}', b"s3cret", b'{"access_token":"s3cret"', '"s3cret"']
)
def test_an_answer_that_is_malformed_is_named_but_not_shown(body: bytes | str) -> None:
    with pytest.raises(ProtocolError, match=r"^POST /auth/token: ") as error:
        decoded(body, Tokens, "POST /auth/token")
    assert "s3cret" not in str(error.value)


def test_tokens_are_not_shown() -> None:
    found = decoded(b'{"access_token":"s3cret","expires_in":1800}', Tokens, "")
    assert found == Tokens("s3cret", 1800.0)
    assert repr(found) == "Tokens(…)"


@pytest.mark.parametrize(
    ("step", "trouble"),
    [
        (FlowStep("form", "1"), ""),
        (FlowStep("form", "1", {"base": "invalid_auth"}), "invalid_auth"),
        (FlowStep("abort", "1", reason="reauth_successful"), "reauth_successful"),
        (FlowStep("form", "1", reason="of no abort"), ""),
    ],
)
def test_what_is_wrong_with_the_answers_to_a_form(step: FlowStep, trouble: str) -> None:
    assert step.trouble == trouble
