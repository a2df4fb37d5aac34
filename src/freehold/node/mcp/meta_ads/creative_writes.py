"""Images and creatives: uploaded, made and renamed; an Instagram post made into an ad."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.mcp import assets
from freehold.node.mcp.meta_ads.arguments import AccountId, ObjectId
from freehold.node.mcp.meta_ads.campaign_writes import Name
from freehold.node.mcp.meta_ads.proposing import Outcome, Wish, change
from freehold.node.mcp.meta_ads.reading import account_of, owner_of
from freehold.node.mcp.tool import Call

LARGEST_IMAGE = 1_400_000
"""Bytes of an image, which is sent as text."""
Text = Annotated[str, Field(max_length=5_000)]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2_000)]
Button = Literal[
    "LEARN_MORE", "SHOP_NOW", "SIGN_UP", "BOOK_TRAVEL", "CONTACT_US", "DOWNLOAD", "APPLY_NOW", "GET_OFFER", "GET_QUOTE",
    "SUBSCRIBE", "SEND_MESSAGE", "WHATSAPP_MESSAGE", "CALL_NOW", "ORDER_NOW", "WATCH_MORE", "NO_BUTTON",
]  # fmt: skip


class ImageWish(Wish):
    """An image to be uploaded: base64, or a data URL of it."""

    account_id: AccountId = None
    file: Annotated[str, Field(min_length=8, max_length=2_000_000)]
    name: Annotated[str, Field(min_length=1, max_length=200)] = "image"


class CreativeWish(Wish):
    """A new creative: of an image, of a video, or of a post of the page that is there already."""

    account_id: AccountId = None
    name: Name
    page_id: ObjectId | None = None
    image_hash: Annotated[str | None, Field(pattern=r"^[0-9a-zA-Z]{8,64}$")] = None
    video_id: ObjectId | None = None
    thumbnail_url: Link | None = None
    object_story_id: Annotated[str | None, Field(pattern=r"^\d+_\d+$", max_length=100)] = None
    link_url: Link | None = None
    message: Text | None = None
    headline: Annotated[str | None, Field(max_length=255)] = None
    description: Annotated[str | None, Field(max_length=1_000)] = None
    caption: Annotated[str | None, Field(max_length=255)] = None
    call_to_action_type: Button | None = None
    lead_gen_form_id: ObjectId | None = None
    instagram_actor_id: Annotated[ObjectId | None, Field(description="sent as instagram_user_id")] = None
    url_tags: Annotated[str | None, Field(max_length=2_000)] = None


class CreativeChange(Wish):
    """A new name: Meta changes nothing else of a creative; make another one instead."""

    creative_id: ObjectId
    name: Name


class Promotion(Wish):
    """An Instagram post of the client's, and the ad set that is to show it."""

    adset_id: ObjectId
    instagram_media_id: ObjectId
    instagram_account_id: ObjectId | None = None
    name: Name


async def upload_ad_image(call: Call, asked: ImageWish) -> Outcome:
    """Upload an image into the account's library; object_id is its hash. It costs nothing."""
    account = await account_of(call, asked.account_id)
    content = asked.file.partition("base64,")[2] if asked.file.startswith("data:") else asked.file
    _check_image(content)
    sent = {"bytes": content, "name": asked.name}
    return await change(call, "upload_image", account.asset_id, "", sent, asked.idempotency_key)


async def create_ad_creative(call: Call, asked: CreativeWish) -> Outcome:
    """Make a creative of an image, a video or an existing post. It is shown to nobody until an ad uses it."""
    account = await account_of(call, asked.account_id)
    sent: dict[str, Any] = {"name": asked.name, "url_tags": asked.url_tags}
    if asked.object_story_id is not None:
        await assets.chosen(call, "facebook_page", asked.object_story_id.partition("_")[0])
        sent["object_story_id"] = asked.object_story_id
    else:
        page = await assets.chosen(call, "facebook_page", asked.page_id)
        sent["object_story_spec"] = _story(page.asset_id, asked)
    return await change(call, "create_creative", account.asset_id, "", sent, asked.idempotency_key)


async def update_ad_creative(call: Call, asked: CreativeChange) -> Outcome:
    """Rename a creative."""
    owner = await owner_of(call, asked.creative_id)
    sent = {"name": asked.name}
    return await change(call, "update_creative", owner.asset_id, asked.creative_id, sent, asked.idempotency_key)


async def promote_instagram_post(call: Call, asked: Promotion) -> Outcome:
    """Make a creative of a post that is on Instagram already; then make an ad of it with create_ad."""
    owner = await owner_of(call, asked.adset_id)
    account = await assets.chosen(call, "instagram_account", asked.instagram_account_id)
    sent = {
        "name": asked.name,
        "source_instagram_media_id": asked.instagram_media_id,
        "instagram_user_id": account.asset_id,
    }
    return await change(call, "create_creative", owner.asset_id, "", sent, asked.idempotency_key)


def _check_image(content: str) -> None:
    try:
        size = len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Problem(422, "invalid_arguments", "file is not base64.", "Send the image as base64.") from error
    if not 0 < size <= LARGEST_IMAGE:
        raise Problem(422, "invalid_arguments", f"file has {size} bytes.", f"Send at most {LARGEST_IMAGE} bytes.")


def _story(page_id: str, asked: CreativeWish) -> dict[str, Any]:
    """What a post of the page would be, as Meta takes it."""
    if (asked.image_hash is None) == (asked.video_id is None):
        raise Problem(
            422, "invalid_arguments", "One of image_hash, video_id and object_story_id is needed.", "Give exactly one."
        )
    story: dict[str, Any] = {"page_id": page_id}
    if asked.instagram_actor_id is not None:
        story["instagram_user_id"] = asked.instagram_actor_id
    value = {"link": asked.link_url, "lead_gen_form_id": asked.lead_gen_form_id}
    button = {"type": asked.call_to_action_type, "value": _given(value)} if asked.call_to_action_type else None
    if asked.video_id is not None:
        story["video_data"] = _given(
            {
                "video_id": asked.video_id,
                "title": asked.headline,
                "message": asked.message,
                "link_description": asked.description,
                "image_url": asked.thumbnail_url,
                "call_to_action": button,
            }
        )
        return story
    if asked.link_url is None:
        raise Problem(422, "invalid_arguments", "link_url is needed with an image.", "Say where the ad leads to.")
    story["link_data"] = _given(
        {
            "link": asked.link_url,
            "image_hash": asked.image_hash,
            "message": asked.message,
            "name": asked.headline,
            "description": asked.description,
            "caption": asked.caption,
            "call_to_action": button,
        }
    )
    return story


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
