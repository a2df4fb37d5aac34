"""What people see of ads: creatives, images, videos and previews."""

import html
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from freehold.kernel.problems import Problem
from freehold.node.mcp.meta_ads.arguments import AccountId, ObjectId, OfAccount, OptionalId
from freehold.node.mcp.meta_ads.objects import AdAsked
from freehold.node.mcp.meta_ads.reading import Owned, account_of, read_object, unknown_object
from freehold.node.mcp.meta_ads.shapes import further
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.providers.calls import ApiCall
from freehold.providers.meta import ad_objects, ads, graph

CROPS: Final[Mapping[str, tuple[int, int]]] = {
    "100x100": (1, 1), "100x72": (100, 72), "191x100": (191, 100), "400x150": (8, 3), "400x500": (4, 5),
    "600x360": (5, 3), "90x160": (9, 16),
}  # fmt: skip
"""Meta's names of crops -> width and height."""
CropKey = Literal["100x100", "100x72", "191x100", "400x150", "400x500", "600x360", "90x160"]
Format = Literal[
    "DESKTOP_FEED_STANDARD", "MOBILE_FEED_STANDARD", "INSTAGRAM_STANDARD", "INSTAGRAM_STORY", "INSTAGRAM_REELS",
    "FACEBOOK_STORY_MOBILE", "RIGHT_COLUMN_STANDARD", "MARKETPLACE_MOBILE", "AUDIENCE_NETWORK_OUTSTREAM_VIDEO",
]  # fmt: skip
_SOURCE = re.compile(r'src="([^"]+)"')
_SHOWN = re.compile(r"https://(?:[a-z0-9-]+\.)*facebook\.com/")
"""Where Meta shows previews; a person is sent nowhere else."""
_VIDEO_FIELDS = ("id", "title", "description", "length", "picture", "permalink_url", "created_time")
_NEWEST: Final = 100
"""Videos of an account's library that are looked through for one."""


class CreativeAsked(Arguments):
    """Which creative is meant."""

    creative_id: ObjectId


class Creative(BaseModel):
    """What people see of an ad; what is empty is left out."""

    id: str
    name: UntrustedText | None
    title: UntrustedText | None
    body: UntrustedText | None
    call_to_action: str | None
    link_url: UntrustedText | None
    image_url: str | None
    thumbnail_url: str | None
    video_id: str | None
    instagram_permalink: str | None
    details: dict[str, Any]


class CreativeDetails(OfAccount):
    """One creative."""

    creative: Creative


class AdCreatives(OfAccount):
    """The creatives of an ad."""

    ad_id: str
    creatives: list[Creative]


class AdImage(OfAccount):
    """The picture of an ad: addresses at Meta's public image server."""

    ad_id: str
    creative_id: str
    image_url: str | None
    thumbnail_url: str | None
    image_hash: str | None


class ImageAsked(Arguments):
    """Which image of the account is meant."""

    account_id: AccountId = None
    image_hash: Annotated[str, Field(pattern=r"^[0-9a-zA-Z]{8,64}$")]


class Image(OfAccount):
    """An image of the account's library."""

    image: dict[str, Any]


class VideoAsked(Arguments):
    """Which video is meant: that of an ad, or one of the account's by its id."""

    ad_id: OptionalId = None
    video_id: OptionalId = None
    account_id: AccountId = None


class Video(OfAccount):
    """A video of the account's library."""

    video: dict[str, Any]


class CropsAsked(Arguments):
    """The size of an image, and which crops are wanted; all by default."""

    image_width: Annotated[int, Field(ge=1, le=30_000)]
    image_height: Annotated[int, Field(ge=1, le=30_000)]
    crop_keys: list[CropKey] = Field(default=[], max_length=len(CROPS))


class Crops(Answer):
    """Crop -> its upper left and lower right corner, as `image_crops` takes them."""

    image_crops: dict[str, list[list[int]]]


class PreviewAsked(Arguments):
    """Which ad is to be shown, and where."""

    ad_id: ObjectId
    ad_format: Format = "MOBILE_FEED_STANDARD"


class Preview(OfAccount):
    """An address at which a person signed in at Meta sees the ad for a day."""

    ad_id: str
    ad_format: str
    preview_url: str


async def get_creative_details(call: Call, asked: CreativeAsked) -> CreativeDetails:
    """One creative: words, link, call to action, picture, and the story that it was made from."""
    owned = await read_object(call, asked.creative_id, ad_objects.CREATIVE_DETAILS)
    return CreativeDetails(**_of(call, owned), creative=_creative(owned.answer))


async def get_ad_creatives(call: Call, asked: AdAsked) -> AdCreatives:
    """The creatives of an ad."""
    owned = await _with_creative(call, asked.ad_id)
    shown = owned.answer.get("creative")
    return AdCreatives(**_of(call, owned), ad_id=asked.ad_id, creatives=[_creative(shown)] if shown else [])


async def get_ad_image(call: Call, asked: AdAsked) -> AdImage:
    """The picture of an ad: its public address, thumbnail and hash."""
    owned = await _with_creative(call, asked.ad_id)
    shown = owned.answer.get("creative")
    if not shown:
        raise unknown_object()
    creative = _creative(shown)
    return AdImage(
        **_of(call, owned),
        ad_id=asked.ad_id,
        creative_id=creative.id,
        image_url=creative.image_url,
        thumbnail_url=creative.thumbnail_url,
        image_hash=shown.get("image_hash") or _hash_of_story(shown),
    )


async def get_image_by_hash(call: Call, asked: ImageAsked) -> Image:
    """An image of the account's library by its hash."""
    account = await account_of(call, asked.account_id)
    part = ad_objects.Slice(1)
    hashes = f'["{asked.image_hash}"]'
    answer = await call.send(
        ad_objects.list_call(call.version, account.asset_id, "adimages", ad_objects.IMAGE_FIELDS, part, hashes=hashes)
    )
    found = graph.understood(graph.rows, answer)
    if not found:
        raise unknown_object()
    told = {**further(dict(found[0])), **_of_meta(found[0], "hash", "url")}
    return Image(source="live", as_of=call.now(), account_id=account.asset_id, image=told)


async def get_ad_video(call: Call, asked: VideoAsked) -> Video:
    """A video of an ad, or of the account's library: title, length, picture and page."""
    if (asked.ad_id is None) == (asked.video_id is None):
        raise Problem(422, "invalid_arguments", "One of ad_id and video_id is needed.", "Give exactly one of them.")
    if asked.ad_id is not None:
        owned = await _with_creative(call, asked.ad_id)
        account, video_id = owned.account, _creative(owned.answer.get("creative") or {"id": "0"}).video_id
        if video_id is None:
            raise unknown_object()
        told = await call.send(ad_objects.object_call(call.version, account.asset_id, video_id, _VIDEO_FIELDS))
    else:
        account = await account_of(call, asked.account_id)
        told = await _library_video(call, account.asset_id, str(asked.video_id))
    shown = {"id": graph.understood(lambda row: graph.identifier(row, "id"), told), **further(told)}
    shown |= _of_meta(told, "picture", "permalink_url")
    return Video(source="live", as_of=call.now(), account_id=account.asset_id, video=shown)


async def compute_image_crops(call: Call, asked: CropsAsked) -> Crops:
    """The largest centred crop of an image for each of Meta's aspect ratios, for create_ad_creative."""
    wanted: dict[str, tuple[int, int]] = {key: CROPS[key] for key in asked.crop_keys} or dict(CROPS)
    crops = {key: _crop(asked.image_width, asked.image_height, *shape) for key, shape in wanted.items()}
    return Crops(source="computed", as_of=call.now(), image_crops=crops)


async def get_ad_preview(call: Call, asked: PreviewAsked) -> Preview:
    """How an ad looks in a placement: an address to open in a browser."""
    owned = await read_object(call, asked.ad_id, ("id",))
    path = f"/{call.version}/{asked.ad_id}/previews"
    params = {"ad_format": asked.ad_format}
    answer = await call.send(ApiCall("GET", path, params, asset_id=owned.account.asset_id))
    found = _SOURCE.search(str((graph.understood(graph.rows, answer) or [{}])[0].get("body", "")))
    address = "" if found is None else html.unescape(found.group(1))
    if not _SHOWN.match(address):
        raise unknown_object()
    return Preview(**_of(call, owned), ad_id=asked.ad_id, ad_format=asked.ad_format, preview_url=address)


async def _with_creative(call: Call, ad_id: str) -> Owned:
    return await read_object(call, ad_id, (f"creative{{{','.join(ad_objects.CREATIVE_DETAILS)}}}",))


async def _library_video(call: Call, account_id: str, video_id: str) -> dict[str, Any]:
    """A video that is among the newest of an account's library: an id alone may be anybody's."""
    part = ad_objects.Slice(_NEWEST)
    answer = await call.send(ad_objects.list_call(call.version, account_id, "advideos", _VIDEO_FIELDS, part))
    found = (dict(row) for row in graph.understood(graph.rows, answer) if str(row.get("id")) == video_id)
    video = next(found, None)
    if video is None:
        raise unknown_object()
    return video


def _of_meta(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What Meta itself gave a file: its hash and addresses, which nobody writes."""
    return {name: told[name] for name in names if told.get(name)}


def _creative(row: dict[str, Any]) -> Creative:
    ((_, read),) = graph.understood(ads.read_ads, {"data": [{"id": "0", "creative": row}]})
    if read is None:
        raise unknown_object()
    shown = ("name", "title", "body", "link_url", "image_url", "thumbnail_url", "video_id", "call_to_action_type")
    return Creative(
        id=read.creative_id,
        name=words(read.name),
        title=words(read.title),
        body=words(read.body),
        call_to_action=read.call_to_action or None,
        link_url=words(read.link_url),
        image_url=read.image_url or None,
        thumbnail_url=read.thumbnail_url or None,
        video_id=read.video_id or None,
        instagram_permalink=read.instagram_permalink or None,
        details=further(row, *shown, "instagram_permalink_url"),
    )


def _hash_of_story(row: dict[str, Any]) -> str | None:
    story = row.get("object_story_spec") or {}
    data = story.get("link_data") or story.get("photo_data") or story.get("video_data") or {}
    return data.get("image_hash")


def _crop(width: int, height: int, across: int, down: int) -> list[list[int]]:
    """The largest rectangle of a shape within an image, in its middle; at least a pixel wide and high."""
    wide = max(1, min(width, height * across // down))
    tall = max(1, min(height, wide * down // across))
    left, top = (width - wide) // 2, (height - tall) // 2
    return [[left, top], [left + wide, top + tall]]


def _of(call: Call, owned: Owned) -> dict[str, Any]:
    return {"source": "live", "as_of": call.now(), "account_id": owned.account.asset_id}
