"""What is taken out of Meta's answers before a caller sees them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from freehold.node.graph_proxy import without_tokens

KEYS = st.sampled_from(["access_token", "paging", "data", "id", "next", "cursors", "name"])
LEAVES = st.sampled_from(["x", 1, None, True, "https://graph.example/?access_token=EAAsecret"])
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


def tokens_of(value: Any) -> list[Any]:
    """Whatever still stands under a token's name, or holds one."""
    if isinstance(value, list):
        return [found for item in value for found in tokens_of(item)]
    if isinstance(value, dict):
        mine = [item for name, item in value.items() if name == "access_token"]
        return mine + [found for item in value.values() for found in tokens_of(item)]
    return [value] if "access_token=" in str(value) else []


@given(TREES)
def test_no_token_stays_however_deep_it_lies(tree: Any) -> None:
    """In any shape of answer."""
    assert tokens_of(without_tokens(tree)) == []


def test_everything_else_stays() -> None:
    """Names, numbers and the cursors of the pages."""
    cursors = {"before": "b", "after": "a"}
    answer = {
        "access_token": "EAA",
        "data": [{"id": "1", "likes": {"data": [], "paging": {"cursors": cursors, "next": "https://x"}}}],
        "paging": {"cursors": cursors, "next": "https://graph.example/?access_token=EAA", "previous": "https://x"},
    }
    assert without_tokens(answer) == {
        "data": [{"id": "1", "likes": {"data": [], "paging": {"cursors": cursors}}}],
        "paging": {"cursors": cursors},
    }


def test_paging_without_cursors_is_left_out() -> None:
    """Its links carry the token."""
    assert without_tokens({"data": [], "paging": {"next": "https://x"}}) == {"data": []}
    assert without_tokens({"paging": None}) == {}
