"""Images and videos of an ad account: what callers uploaded, and what its seeded ads show."""

from collections.abc import Sequence
from typing import Any

from freehold.sandbox.meta.ads import objects
from freehold.sandbox.meta.ads.account_lists import records
from freehold.sandbox.meta.ads.accounts import account_plan, written
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import names, stamp
from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.world.ads_plan import AdPlan
from freehold.sandbox.meta.world.people import AdAccount

Record = dict[str, Any]
SIDE = 1_080
"""Width and height of a seeded image."""

IMAGE = records(
    "AdImage", "id", "hash", "url", "name", "status", "account_id", "width", "height", "created_time",
    default=("hash", "id"),
)  # fmt: skip
VIDEO = records(
    "AdVideo", "id", "title", "description", "length", "picture", "source", "permalink_url", "created_time",
    "updated_time", "status",
    default=("id", "updated_time"),
)  # fmt: skip


def images(call: Call, account: AdAccount) -> Sequence[Record]:
    """The account's images, uploaded ones first; `hashes` chooses among them."""
    plan, wanted = account_plan(call.sandbox.world, account), set(names(call.params, "hashes"))
    uploaded = list(reversed(written(call).images.get(account.account_id, {}).values()))
    seeded = [_seeded_image(creative) for creative in objects.creatives(call, plan) if "image_url" in creative.values]
    return [
        {
            **image,
            "id": f"{account.account_id}:{image['hash']}",
            "account_id": account.account_id,
            "created_time": stamp(image["created_time"], account.timezone_name),
        }
        for image in (*uploaded, *seeded)
        if not wanted or image["hash"] in wanted
    ]


def videos(call: Call, account: AdAccount) -> Sequence[Record]:
    """The videos that the account's seeded ads show, newest first."""
    creatives = objects.creatives(call, account_plan(call.sandbox.world, account))
    return [_video(creative) for creative in creatives if creative.values.get("video_id")]


def find_video(call: Call, video_id: str) -> tuple[AdPlan, Record] | None:
    """The video with this id and its account's plan, if the caller may see the ad that shows it."""
    if len(video_id) != objects.ID_LENGTH or video_id[4] != objects.VIDEO_KIND:
        return None
    creative = objects.find(call, f"{video_id[:4]}4{video_id[5:]}")
    if creative is None or creative.values.get("video_id") != video_id:
        return None
    return creative.plan, _video(creative)


def _seeded_image(creative: AdObject) -> Record:
    return {
        "hash": creative.values["image_hash"],
        "url": creative.values["image_url"],
        "name": f"{creative.values['name']}.jpg",
        "status": "ACTIVE",
        "width": SIDE,
        "height": SIDE,
        "created_time": creative.values["created_time"],
    }


def _video(creative: AdObject) -> Record:
    video_id, zone = creative.values["video_id"], creative.plan.timezone_name
    made = stamp(creative.values["created_time"], zone)
    return {
        "id": video_id,
        "title": creative.values["name"],
        "description": "",
        "length": 15.0,
        "picture": creative.values["thumbnail_url"],
        "source": f"https://videos.example/{video_id}.mp4",
        "permalink_url": f"/{creative.plan.page_id}/videos/{video_id}/",
        "created_time": made,
        "updated_time": made,
        "status": {"video_status": "ready"},
    }
