"""What a new creative shows, as Meta takes it: one post, or several texts and pictures of which it picks."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.mcp.meta_ads.arguments import AccountId, ObjectId, Structure
from freehold.node.mcp.meta_ads.campaign_writes import Name, Word
from freehold.node.mcp.meta_ads.proposing import Wish

Text = Annotated[str, Field(max_length=5_000)]
Headline = Annotated[str, Field(max_length=255)]
Description = Annotated[str, Field(max_length=1_000)]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2_000)]
ImageHash = Annotated[str, Field(pattern=r"^[0-9a-zA-Z]{8,64}$")]
Button = Literal[
    "LEARN_MORE", "SHOP_NOW", "SIGN_UP", "BOOK_TRAVEL", "CONTACT_US", "DOWNLOAD", "APPLY_NOW", "GET_OFFER", "GET_QUOTE",
    "SUBSCRIBE", "SEND_MESSAGE", "WHATSAPP_MESSAGE", "CALL_NOW", "ORDER_NOW", "WATCH_MORE", "NO_BUTTON",
]  # fmt: skip
ENHANCEMENTS: Final = (
    "adapt_to_placement", "add_text_overlay", "advantage_plus_creative", "audio", "carousel_to_video",
    "cv_transformation", "description_automation", "enhance_cta", "image_animation", "image_auto_crop",
    "image_background_gen", "image_brightness_and_contrast", "image_enhancement", "image_templates", "image_touchups",
    "image_uncrop", "inline_comment", "media_order", "media_type_automation", "multi_photo_to_video",
    "text_generation", "text_optimizations", "video_auto_crop", "video_highlight",
)  # fmt: skip
"""Features of Meta's `creative_features_spec` that alter what a creative looks like."""
MOST: Final = 10
"""Texts of one kind, or pictures, that a creative may choose from."""


class CreativeWish(Wish):
    """A new creative: of an image, of a video, of several of them, or of a post of the page that is there already."""

    not_taken: ClassVar[Mapping[str, str]] = {
        "dynamic_creative_spec": "give messages, headlines, descriptions and optimization_type themselves",
        "reminder_data": "Meta takes reminders only from its own apps",
    }

    account_id: AccountId = None
    name: Name
    page_id: ObjectId | None = None
    image_hash: ImageHash | None = None
    image_hashes: list[ImageHash] = Field(default=[], max_length=MOST)
    images: list[Structure] = Field(default=[], max_length=MOST, description="as asset_feed_spec has them")
    image_crops: Structure | None = Field(default=None, description="of compute_image_crops")
    video_id: ObjectId | None = None
    videos: list[Structure] = Field(default=[], max_length=MOST, description="as asset_feed_spec has them")
    thumbnail_url: Link | None = None
    object_story_id: Annotated[str | None, Field(pattern=r"^\d+_\d+$", max_length=100)] = None
    link_url: Link | None = None
    message: Text | None = None
    messages: list[Text] = Field(default=[], max_length=MOST)
    headline: Headline | None = None
    headlines: list[Headline] = Field(default=[], max_length=MOST)
    description: Description | None = None
    descriptions: list[Description] = Field(default=[], max_length=MOST)
    caption: Annotated[str | None, Field(max_length=255)] = None
    call_to_action_type: Button | None = None
    phone_number: Annotated[str | None, Field(pattern=r"^\+?[0-9 ()-]{3,30}$", description="for CALL_NOW")] = None
    lead_gen_form_id: ObjectId | None = None
    event_id: ObjectId | None = None
    optimization_type: Word | None = None
    ad_formats: list[Word] = Field(default=[], max_length=MOST)
    asset_customization_rules: list[Structure] = Field(default=[], max_length=30)
    creative_features_spec: Structure | None = None
    disable_all_enhancements: bool = False
    contextual_multi_ads: Structure | None = None
    facebook_branded_content: Structure | None = None
    instagram_branded_content: Structure | None = None
    instagram_actor_id: Annotated[ObjectId | None, Field(description="sent as instagram_user_id")] = None
    url_tags: Annotated[str | None, Field(max_length=2_000)] = None


def beside(asked: CreativeWish) -> dict[str, Any]:
    """What a creative has whatever it shows."""
    refused = {name: {"enroll_status": "OPT_OUT"} for name in ENHANCEMENTS} if asked.disable_all_enhancements else {}
    features = refused | (asked.creative_features_spec or {})
    return {
        "name": asked.name,
        "url_tags": asked.url_tags,
        "degrees_of_freedom_spec": {"creative_features_spec": features} if features else None,
        "contextual_multi_ads": asked.contextual_multi_ads,
        "facebook_branded_content": asked.facebook_branded_content,
        "instagram_branded_content": asked.instagram_branded_content,
    }


def shown_as(page_id: str, asked: CreativeWish) -> dict[str, Any]:
    """The story of a page, beside it what Meta may choose from where there is a choice. Raises `Problem` 422."""
    story: dict[str, Any] = {"page_id": page_id}
    if asked.instagram_actor_id is not None:
        story["instagram_user_id"] = asked.instagram_actor_id
    texts = {
        "message": _either("message", asked.message, asked.messages),
        "headline": _either("headline", asked.headline, asked.headlines),
        "description": _either("description", asked.description, asked.descriptions),
        "image_hash": _either("image_hash", asked.image_hash, asked.image_hashes),
    }
    if _chooses(asked) or any(len(values) > 1 for values in texts.values()):
        return {"object_story_spec": story, "asset_feed_spec": _feed(asked, texts)}
    one = {name: next(iter(values), None) for name, values in texts.items()}
    if (one["image_hash"] is None) == (asked.video_id is None):
        raise _wrong("One of image_hash, video_id and object_story_id is needed.", "Give exactly one.")
    if asked.video_id is not None:
        return {"object_story_spec": story | {"video_data": _video(asked, one)}}
    return {"object_story_spec": story | {"link_data": _link(asked, one)}}


def _chooses(asked: CreativeWish) -> bool:
    """Whether something is given that only a choice has."""
    only = (asked.images, asked.videos, asked.asset_customization_rules, asked.optimization_type, asked.ad_formats)
    return any(only)


def _video(asked: CreativeWish, one: Mapping[str, str | None]) -> dict[str, Any]:
    return _given(
        {
            "video_id": asked.video_id,
            "title": one["headline"],
            "message": one["message"],
            "link_description": one["description"],
            "image_url": asked.thumbnail_url,
            "call_to_action": _button(asked),
        }
    )


def _link(asked: CreativeWish, one: Mapping[str, str | None]) -> dict[str, Any]:
    return _given(
        {
            "link": _target(asked),
            "image_hash": one["image_hash"],
            "image_crops": asked.image_crops,
            "message": one["message"],
            "name": one["headline"],
            "description": one["description"],
            "caption": asked.caption,
            "event_id": asked.event_id,
            "call_to_action": _button(asked),
        }
    )


def _feed(asked: CreativeWish, texts: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What Meta chooses from."""
    video = _given({"video_id": asked.video_id, "thumbnail_url": asked.thumbnail_url}) if asked.video_id else None
    crops = {} if asked.image_crops is None else {"image_crops": asked.image_crops}
    images = [*({"hash": each, **crops} for each in texts["image_hash"]), *asked.images]
    videos = [*([video] if video else []), *asked.videos]
    if not images and not videos:
        raise _wrong("A choice of texts needs an image or a video.", "Give image_hashes, images, video_id or videos.")
    button = _button(asked)
    special = bool(asked.lead_gen_form_id or asked.phone_number)
    spec = {
        "images": images,
        "videos": videos,
        "bodies": [{"text": text} for text in texts["message"]],
        "titles": [{"text": text} for text in texts["headline"]],
        "descriptions": [{"text": text} for text in texts["description"]],
        "link_urls": [_given({"website_url": _target(asked), "display_url": asked.caption})],
        "call_to_action_types": [asked.call_to_action_type] if button and not special else [],
        "call_to_actions": [button] if button and special else [],
        "ad_formats": asked.ad_formats or [("SINGLE_VIDEO" if videos else "SINGLE_IMAGE")],
        "optimization_type": asked.optimization_type,
        "asset_customization_rules": asked.asset_customization_rules,
    }
    return {name: value for name, value in spec.items() if value}


def _button(asked: CreativeWish) -> dict[str, Any] | None:
    """The call to action, where it leads."""
    if asked.call_to_action_type is None:
        return None
    link = asked.link_url if asked.phone_number is None else "tel:" + asked.phone_number.replace(" ", "")
    return {
        "type": asked.call_to_action_type,
        "value": _given({"link": link, "lead_gen_form_id": asked.lead_gen_form_id}),
    }


def _target(asked: CreativeWish) -> str:
    if asked.link_url is None:
        raise _wrong("link_url is needed with an image.", "Say where the ad leads to.")
    return asked.link_url


def _either(name: str, one: str | None, several: Sequence[str]) -> Sequence[str]:
    """One text, or several: whichever was given."""
    if one is not None and several:
        raise _wrong(f"{name} is there once and as a list.", "Give one of both.")
    return several if one is None else (one,)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _wrong(detail: str, hint: str) -> Problem:
    return Problem(422, "invalid_arguments", detail, hint)
