import pytest

from hems.clients.home_assistant.responses import FlowStep, Tokens
from hems.protocols.json_decoding import decode_json


def test_tokens_are_not_shown() -> None:
    tokens = decode_json(b'{"access_token":"s3cret","expires_in":1800}', Tokens, "")
    assert tokens == Tokens("s3cret", 1800.0)
    assert repr(tokens) == "Tokens(…)"


@pytest.mark.parametrize(
    ("step", "trouble"),
    [
        (FlowStep("form", "1"), ""),
        (FlowStep("form", "1", errors={"base": "invalid_auth"}), "invalid_auth"),
        (FlowStep("abort", "1", reason="reauth_successful"), "reauth_successful"),
        (FlowStep("form", "1", reason="of no abort"), ""),
    ],
)
def test_what_is_wrong_with_the_answers_to_a_form(step: FlowStep, trouble: str) -> None:
    assert step.trouble == trouble
