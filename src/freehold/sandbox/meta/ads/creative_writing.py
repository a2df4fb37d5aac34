"""Creating and changing creatives, with what Meta refuses, and uploading images."""

import base64
import binascii
from hashlib import md5
from pathlib import PurePath
from typing import Any

from freehold.sandbox.meta.ads import records
from freehold.sandbox.meta.ads.accounts import account_plan, demand_management, written
from freehold.sandbox.meta.ads.campaign_writing import changed_name_and_status
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import mapping, missing, refusal
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.people import AdAccount

STORIES = ("link_data", "photo_data", "video_data", "text_data", "template_data")
SOURCES = ("object_story_spec", "object_story_id", "source_instagram_media_id", "asset_feed_spec")
STRUCTURES = frozenset({"object_story_spec", "asset_feed_spec", "degrees_of_freedom_spec"})
TEXTS = ("name", "object_story_id", "source_instagram_media_id", "instagram_user_id", "url_tags", "title", "body")


def create(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X/adcreatives`."""
    demand_management(call)
    given = {name: mapping(call.params, name) for name in STRUCTURES} | {name: call.params.get(name) for name in TEXTS}
    retired = {name: call.params.get(name) for name in RETIRED}
    return records.create(call, account_plan(call.sandbox.world, account), "creative", checked(given | retired))


def update(call: Call, creative: AdObject) -> JSON:
    """`POST /{creative}`: only its name and status."""
    demand_management(call)
    return records.change(call, creative, changed_name_and_status(call))


RETIRED = {
    "instagram_actor_id": (2446149, "instagram_user_id"),
    "instagram_story_id": (2238055, "source_instagram_media_id"),
}
"""Parameters that no version has any more: subcode of the refusal, and what took their place."""


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """The stored values of a creative, or the refusal of it."""
    for name, (subcode, instead) in RETIRED.items():
        if given.get(name):
            raise refusal(
                "Invalid parameter",
                subcode=subcode,
                title="Parameter is no longer available",
                advice=f"Use {instead} in place of {name}.",
                blame=name,
            )
    if not any(given.get(source) for source in SOURCES):
        raise missing("object_story_spec")
    story = given.get("object_story_spec")
    if story is not None:
        _check_story(story, chosen=bool(given.get("asset_feed_spec")))
    values = {name: given.get(name) for name in (*TEXTS, *STRUCTURES) if given.get(name)}
    values.setdefault("name", "Creative")
    link = (story or {}).get("link_data") or {}
    return values | {
        "status": "ACTIVE",
        "object_type": "VIDEO" if (story or {}).get("video_data") else "SHARE",
        "link_url": link.get("link"),
        "call_to_action_type": (link.get("call_to_action") or {}).get("type"),
        "image_hash": link.get("image_hash"),
    }


def _check_story(story: Any, *, chosen: bool) -> None:
    """Refuse a story that Meta would; `chosen`: what it shows is picked from an asset feed, so it holds nothing."""
    if not isinstance(story, dict) or not story.get("page_id"):
        raise refusal("(#100) object_story_spec needs page_id", blame="object_story_spec")
    if "instagram_actor_id" in story:
        raise refusal(
            "Invalid parameter",
            subcode=RETIRED["instagram_actor_id"][0],
            title="Parameter is no longer available",
            advice="Use instagram_user_id in place of instagram_actor_id.",
            blame="object_story_spec",
        )
    kinds = [kind for kind in STORIES if kind in story]
    if len(kinds) != 1 and not (story.get("instagram_user_id") or (chosen and not kinds)):
        raise refusal(f"(#100) object_story_spec needs one of {', '.join(STORIES)}", blame="object_story_spec")
    link = story.get("link_data")
    if isinstance(link, dict) and not str(link.get("link") or "").startswith(("http://", "https://")):
        raise refusal("(#100) link_data needs a link that begins with http", blame="object_story_spec")
    video = story.get("video_data")
    if isinstance(video, dict) and not video.get("video_id"):
        raise refusal("(#100) video_data needs video_id", blame="object_story_spec")


def upload_image(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X/adimages` with `bytes` (base64), or with a file under any name."""
    demand_management(call)
    name, content = _image(call)
    digest = md5(content, usedforsecurity=False).hexdigest()
    url = f"https://images.example/{digest}.png"
    written(call).images.setdefault(account.account_id, {})[digest] = {
        "hash": digest,
        "url": url,
        "name": call.params.get("name") or name,
        "status": "ACTIVE",
        "width": 1,
        "height": 1,
        "created_time": call.now,
    }
    return {"images": {name: {"hash": digest, "url": url}}}


def _image(call: Call) -> tuple[str, bytes]:
    """The name and content of an uploaded image; a file arrives as Latin-1 text."""
    if call.params.get("bytes"):
        try:
            return "bytes", base64.b64decode(call.params["bytes"], validate=True)
        except (binascii.Error, ValueError):
            raise refusal("(#100) bytes must be base64", blame="bytes") from None
    for name, text in call.params.items():
        if name not in {"name", "copy_from", "fields", "appsecret_proof"} and text:
            return PurePath(name).name, text.encode("latin-1", errors="replace")
    raise missing("bytes")
