"""Images and creatives: uploaded, made and renamed; an Instagram post made into an ad."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.mcp import assets
from freehold.node.mcp.meta_ads import stories
from freehold.node.mcp.meta_ads.arguments import AccountId, ObjectId
from freehold.node.mcp.meta_ads.campaign_writes import Name
from freehold.node.mcp.meta_ads.proposing import Outcome, Wish, change
from freehold.node.mcp.meta_ads.reading import account_of, owner_of
from freehold.node.mcp.meta_ads.stories import CreativeWish
from freehold.node.mcp.tool import Call

LARGEST_IMAGE = 1_400_000
"""Bytes of an image, which is sent as text."""

_FIXED: Final = dict.fromkeys(
    (
        "message", "messages", "headline", "headlines", "description", "descriptions", "optimization_type",
        "dynamic_creative_spec", "call_to_action_type", "lead_gen_form_id", "ad_formats", "creative_features_spec",
    ),
    "Meta lets only its name be changed; make another with create_ad_creative and give it to the ad with update_ad",
)  # fmt: skip


class ImageWish(Wish):
    """An image to be uploaded: base64, or a data URL of it."""

    not_taken: ClassVar[Mapping[str, str]] = {
        "image_url": "the node fetches no address that a model names; send the image itself as file"
    }

    account_id: AccountId = None
    file: Annotated[str, Field(min_length=8, max_length=2_000_000)]
    name: Annotated[str, Field(min_length=1, max_length=200)] = "image"


class CreativeChange(Wish):
    """A new name: Meta changes nothing else of a creative; make another one instead."""

    not_taken: ClassVar[Mapping[str, str]] = _FIXED

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
    """Make a creative of images, videos or an existing post; of several texts Meta shows what does best.

    It is shown to nobody until an ad uses it.
    """
    account = await account_of(call, asked.account_id)
    sent: dict[str, Any] = stories.beside(asked)
    if asked.object_story_id is not None:
        await assets.chosen(call, "facebook_page", asked.object_story_id.partition("_")[0])
        sent["object_story_id"] = asked.object_story_id
    else:
        page = await assets.chosen(call, "facebook_page", asked.page_id)
        sent |= stories.shown_as(page.asset_id, asked)
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
