"""Meta's own JSON as tools pass it on: every text that people wrote, or may have written, is labelled as such.

What stays as it is has to be of a form that holds no sentence, or one word of a field whose values Meta alone chooses.
A field that is not known here is labelled: Meta adds fields, and advertisers write into most of them.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from freehold.node.mcp.tool import words

LABEL: Final = "untrusted_text"
_OF_NO_WORDS: Final = re.compile(
    r"(act_)?\d+([_:.]\d+)*%?"  # ids, amounts
    r"|(act_\d+:)?[0-9a-f]{32}"  # hashes
    r"|\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d([+-]\d\d:?\d\d|Z)?)?"  # days, times
)
_ONE_WORD: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_CHOSEN_BY_META: Final = frozenset(
    {
        "action.type", "action_type", "ad_formats", "app_install_state", "attribution_windows",
        "audience_network_positions", "bid_strategy", "billing_event", "brand_safety_content_filter_levels",
        "buying_type", "call_to_action_type", "call_to_action_types", "category_type", "configured_status",
        "conversion_type", "countries", "country", "currency", "custom_event_type", "customer_file_source",
        "destination_type", "device_platforms", "effective_device_platforms", "effective_publisher_platforms",
        "effective_status", "enroll_status", "event", "event_type", "facebook_positions", "format",
        "instagram_positions", "location_types", "messenger_positions", "object_type", "objective",
        "optimization_goal", "optimization_type", "pacing_type", "publisher_platforms", "region_id",
        "special_ad_categories", "special_ad_category_country", "status", "subtype", "threads_positions", "type",
        "unit", "user_os", "video_status", "whatsapp_positions",
    }
)  # fmt: skip
"""Fields whose values are Meta's enumerations; each is one word, and what is more than that is labelled here too."""


def labelled(value: Any, field: str = "") -> Any:
    """A value with a label on every text that people may have written, wherever it stands in it."""
    if isinstance(value, Mapping):
        return {str(name): labelled(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [labelled(inner, field) for inner in value]
    if not isinstance(value, str) or _is_metas(value, field):
        return value
    label = words(value)
    return None if label is None else label.model_dump()


def unlabelled(value: Any) -> Any:
    """The same without labels: what a tool showed may be handed back as it was shown."""
    if isinstance(value, Mapping):
        if value.keys() == {LABEL}:
            return value[LABEL]
        return {name: unlabelled(inner) for name, inner in value.items()}
    return [unlabelled(inner) for inner in value] if isinstance(value, list | tuple) else value


def _is_metas(text: str, field: str) -> bool:
    return bool(_OF_NO_WORDS.fullmatch(text) or (field in _CHOSEN_BY_META and _ONE_WORD.fullmatch(text)))
