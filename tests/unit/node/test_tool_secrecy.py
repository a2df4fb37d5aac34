"""What must not leave a tool does not, wherever in an answer or a problem it stands; all else stays as it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.kernel.problems import Problem
from freehold.node.mcp.secrecy import CURSOR, Scrubber

GRAPH = "http://127.0.0.1:4000"
SCRUBBER = Scrubber(GRAPH)
TOKEN = "EAA" + "Zx9" * 40
KEY = "fhnode_" + "A1_-" * 11
SECRETS = [
    TOKEN,
    KEY,
    f"https://graph.facebook.com/v26.0/me?fields=id&access_token={TOKEN}",
    "https://graph.facebook.com/v26.0/act_1/campaigns?after=abc",
    "https://graph.instagram.com/me",
    f"{GRAPH}/v26.0/act_1/ads?limit=25",
    "access_token=short",
    '{"access_token": "short"}',
    "appsecret_proof=0a1b2c",
]


def cleaned(value: dict[str, Any]) -> dict[str, Any]:
    """An answer after the last look."""
    return SCRUBBER.answer(value, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_taken_out_wherever_it_stands(secret: str) -> None:
    """Deep inside an answer, in the middle of a sentence, and in the words of a problem."""
    value = {"rows": [{"a": [f"before {secret} after"]}], "kept": "as it is"}
    told = cleaned(value)
    assert told["kept"] == "as it is"
    assert "[redacted]" in told["rows"][0]["a"][0]
    problem = SCRUBBER.problem(
        Problem(422, "provider_rejected", f"Meta says: {secret}", f"See {secret}", retry_after=3)
    )
    for words in (json.dumps(told), problem.detail, problem.hint, str(problem)):
        for part in (TOKEN, KEY, "graph.", "127.0.0.1", "short", "0a1b2c"):
            assert part not in words
    assert (problem.status, problem.code, problem.retry_after) == (422, "provider_rejected", 3)


@pytest.mark.parametrize(
    "text",
    ["EAAsy recipes", "our access_token policy", "https://www.facebook.com/ads/1", "https://scontent.example/a.jpg"],
)
def test_what_only_looks_a_little_like_it_stays(text: str) -> None:
    """People write about tokens, too."""
    assert cleaned({"text": text}) == {"text": text}


def test_a_cursor_is_left_alone() -> None:
    """It is this node's own ciphertext: whoever changes a letter of it breaks it."""
    assert cleaned({CURSOR: TOKEN, "x": TOKEN}) == {CURSOR: TOKEN, "x": "[redacted]"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_plain_answers_come_back_as_the_same_object(value: Any) -> None:
    """Nothing is copied where there is nothing to take out."""
    answer = {"value": value}
    assert cleaned(answer) is answer
