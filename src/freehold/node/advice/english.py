"""Advice in English."""

from typing import Final

from freehold.node.advice.phrases import Phrase, Words

_POSTS = (
    "usually reached {usual} people; the {others} other posts {usual_of_others}. "
    "Each measured by what was usual at its time: {size}."
)
_CREATIVE = (
    "Shown beside the other ads of its ad set on {sample} days, it had {clicks} clicks on {impressions} impressions, "
    "the others {clicks_of_others} on {impressions_of_others}. Its click-through rate beside theirs: {size}."
)
_COST = (
    "From {first} to {last} {results} results cost {spend}; before that, {results_before} cost {spend_before}. "
    "A result beside before: {size}."
)
_PACE = (
    "Of {budget}, {spent} has been spent. If the days to come are as the last {sample} were, it will be {expected} "
    "on {last} (between {expected_low} and {expected_high})."
)
_LEVELS = "{Metric} of {name} from {first} to {last}: {per_day} a day. In the weeks before: {per_day_before}."
_STAY = "Of those who see a story, {stays} stay for the next one; before {first} it was {stayed_before}."
_REACH = "Reach of {name} from {first} to {last}: {reach} people. Usual for as many days: {usual_reach}."
_TREND = "{Metric} of {name} from {first} to {last}: {size}, apart from single days and the season of the week."
_LEVEL = "{Metric} of {name} until then: {per_day_before} a day. Since {first}: {per_day_after}."
_LOOK = "Look for what changed: how often you posted, in which formats, what ran as an ad, what the season does."

ENGLISH: Final = Words(
    phrases={
        "format.up": Phrase(
            "Post more {group}",
            "Post more {group}, as far as your subjects allow it.",
            f"{{sample}} {{group}} from {{first}} to {{last}} {_POSTS}",
        ),
        "format.down": Phrase(
            "Post fewer {group}",
            "Post fewer {group}, or change how they are made.",
            f"{{sample}} {{group}} from {{first}} to {{last}} {_POSTS}",
        ),
        "posting_time.up": Phrase(
            "Post more often at this time: {group}",
            "Publish more of your posts at this time of the week: {group}.",
            f"{{sample}} posts published at that time from {{first}} to {{last}} {_POSTS}",
        ),
        "posting_time.down": Phrase(
            "Post less often at this time: {group}",
            "Publish fewer of your posts at this time of the week: {group}.",
            f"{{sample}} posts published at that time from {{first}} to {{last}} {_POSTS}",
        ),
        "caption.up": Phrase(
            "Write more captions of this kind: {group}",
            "Write more captions of this kind: {group}.",
            f"{{sample}} posts with such captions from {{first}} to {{last}} {_POSTS}",
        ),
        "caption.down": Phrase(
            "Write fewer captions of this kind: {group}",
            "Write fewer captions of this kind: {group}.",
            f"{{sample}} posts with such captions from {{first}} to {{last}} {_POSTS}",
        ),
        "hashtag.up": Phrase(
            "Use the hashtag {group} more often",
            "Use the hashtag {group} more often, where it fits.",
            f"{{sample}} posts with it from {{first}} to {{last}} {_POSTS}",
        ),
        "hashtag.down": Phrase(
            "Use the hashtag {group} less often",
            "Use the hashtag {group} less often.",
            f"{{sample}} posts with it from {{first}} to {{last}} {_POSTS}",
        ),
        "creative.up": Phrase(
            "Give {name} more of the budget", "Move budget from the other ads of the ad set to {name}.", _CREATIVE
        ),
        "creative.down": Phrase(
            "Replace or pause {name}", "Pause {name}, or give it another picture and text.", _CREATIVE
        ),
        "ad_fatigue.down": Phrase(
            "Give {name} a new picture or text",
            "People have seen {name} often enough: give it a new picture and text, or show it to others.",
            "From {first} to {last} people had seen it {lowest_frequency} times on average at first, and "
            "{highest_frequency} times at the end. Its click-through rate at the end beside the beginning: {size}.",
        ),
        "cost_per_result.up": Phrase(
            "Find out why results of {name} cost more",
            "See in Ads Manager what changed for {name} (audience, bid, pictures, the page that it leads to), and undo "
            "it where you can.",
            _COST,
        ),
        "cost_per_result.down": Phrase(
            "Consider more budget for {name}",
            "Consider raising the budget of {name} in small steps, and watch what a result costs.",
            _COST,
        ),
        "pacing.up": Phrase(
            "Spend of {name} will exceed its budget", "Lower the daily spend of {name}, or raise its budget.", _PACE
        ),
        "pacing.down": Phrase(
            "The budget of {name} will not be spent",
            "Raise the daily spend of {name}, or plan elsewhere with what will be left.",
            _PACE,
        ),
        "spike.up": Phrase(
            "{Metric}: see what made {first} special",
            "See what was published or shown on {first}, and do it again.",
            "{Metric} of {name} on {first}: {per_day}. To be expected by level and weekday: {expected_per_day}.",
        ),
        "silent_week.down": Phrase(
            "{Metric}: see why the week from {first} was so quiet",
            "Check whether posts, stories or ads stopped, or whether something was switched off.",
            "{Metric} of {name} from {first} to {last}: {per_day} a day. To be expected: {expected_per_day}.",
        ),
        "trend.up": Phrase("{Metric}: a lasting rise", "Keep up what you do, and write down what it is.", _TREND),
        "trend.down": Phrase("{Metric}: a lasting fall", _LOOK, _TREND),
        "change_point.up": Phrase(
            "{Metric}: a higher level since {first}", "Find out what began around {first}, and keep it up.", _LEVEL
        ),
        "change_point.down": Phrase(
            "{Metric}: a lower level since {first}",
            "Find out what ended or began around {first}, and undo it where you can.",
            _LEVEL,
        ),
        "change.up": Phrase("{Metric}: more than in the weeks before", "See what drove it, and do it again.", _LEVELS),
        "change.down": Phrase("{Metric}: less than in the weeks before", _LOOK, _LEVELS),
        "follower_growth.up": Phrase(
            "More people begin to follow {name}", "See what drew them, and do it again.", _LEVELS
        ),
        "follower_growth.down": Phrase(
            "Fewer people begin to follow {name}",
            "Show the account to new people: joint posts, reels, mentions, an ad for followers.",
            _LEVELS,
        ),
        "reach.up": Phrase("More people than usual reached", "See what drew them, and do it again.", _REACH),
        "reach.down": Phrase("Fewer people than usual reached", _LOOK, _REACH),
        "story_retention.up": Phrase(
            "People stay longer for the stories of {name}",
            "Keep up how you tell them, and write down what it is.",
            _STAY,
        ),
        "story_retention.down": Phrase(
            "People leave the stories of {name} earlier",
            "Tell less in each sequence, begin with what matters, and ask something early.",
            _STAY,
        ),
        "rival_new_ads": Phrase(
            "{name} has begun new ads",
            "Look at them in the list of competitors' ads: do they hold an offer that asks for an answer?",
            "Ads that {name} began from {first} to {last}: {ads}.",
        ),
        "rival_long_running_ads": Phrase(
            "{name} has been running the same ads for long",
            "Look at what these ads promise and show: they are likely to pay.",
            "Ads of {name} that have been running for long: {ads}. The oldest of them for {longest_days} days.",
        ),
    },
    metrics={
        "account_reach": "daily reach",
        "account_views": "views",
        "account_interactions": "interactions",
        "new_followers": "new followers",
        "page_media_view": "views of the page",
        "page_post_engagements": "interactions with posts",
        "spend_minor": "spend",
        "link_clicks": "link clicks",
    },
    groups={
        "reel": "reels",
        "carousel": "carousels",
        "image": "pictures",
        "video": "videos",
        "added_photos": "photos",
        "added_video": "videos",
        "shared_story": "shared posts",
        "mobile_status_update": "posts of text alone",
    },
    expected={
        "posts": "To be expected of the reach of such posts from now on, beside others: {forecast} (between "
        "{forecast_low} and {forecast_high}).",
        "ctr": "To be expected of the click-through rate of the ad set: {forecast} (between {forecast_low} and "
        "{forecast_high}).",
        "cost_per_result_minor": "To be expected of the cost of a result, once the reason is gone: {forecast} (between "
        "{forecast_low} and {forecast_high}).",
    },
    zone="Hours are those of the time zone {zone}.",
    of_campaign=" (campaign {campaign})",
    place="It runs in the ad set {ad_set} of the campaign {campaign}.",
    driver="The largest part of it is due to {driver}: {driver_before} before, {driver_after} now.",
    more="{} more",
    less="{} less",
    times="{} times as much",
    same="the same",
    quotes=("\u201c", "\u201d"),
    day="d MMMM y",
)
