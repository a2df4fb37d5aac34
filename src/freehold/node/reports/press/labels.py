"""What figures, objectives, kinds of posts and parts of an audience are called; catalogues have the other languages."""

from collections.abc import Callable
from typing import Final


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


FIGURES: Final = {
    "page_media_view": _("Views"),
    "page_post_engagements": _("Engagements with posts"),
    "page_daily_follows": _("New followers"),
    "page_views_total": _("Visits of the page"),
    "account_views": _("Views"),
    "account_reach": _("Reach"),
    "account_interactions": _("Interactions"),
    "account_saves": _("Saves"),
    "account_shares": _("Shares"),
    "new_followers": _("New followers"),
    "reach_week": _("People reached in these 7 days"),
    "reach_days_28": _("People reached in the last 28 days"),
    "spend_minor": _("Spend"),
    "impressions": _("Impressions"),
    "link_clicks": _("Link clicks"),
    "link_ctr": _("Link click rate"),
    "cpm_minor": _("Cost of 1,000 impressions"),
    "OUTCOME_SALES:results": _("Purchases"),
    "OUTCOME_LEADS:results": _("Leads"),
    "OUTCOME_TRAFFIC:results": _("Link clicks of traffic campaigns"),
    "OUTCOME_ENGAGEMENT:results": _("Engagements"),
    "OUTCOME_APP_PROMOTION:results": _("App installs"),
    "OUTCOME_SALES:cost_per_result_minor": _("Cost per purchase"),
    "OUTCOME_LEADS:cost_per_result_minor": _("Cost per lead"),
    "OUTCOME_TRAFFIC:cost_per_result_minor": _("Cost per link click of traffic campaigns"),
    "OUTCOME_ENGAGEMENT:cost_per_result_minor": _("Cost per engagement"),
    "OUTCOME_APP_PROMOTION:cost_per_result_minor": _("Cost per app install"),
    "results": _("Results"),
    "cost_per_result_minor": _("Cost per result"),
}
OBJECTIVES: Final = {
    "OUTCOME_SALES": _("Sales"),
    "OUTCOME_LEADS": _("Leads"),
    "OUTCOME_TRAFFIC": _("Traffic"),
    "OUTCOME_ENGAGEMENT": _("Engagement"),
    "OUTCOME_APP_PROMOTION": _("App promotion"),
    "OUTCOME_AWARENESS": _("Awareness"),
}
POSTS: Final = {
    "REELS": _("Reel"),
    "FEED": _("Post"),
    "STORY": _("Story"),
    "AD": _("Ad"),
    "added_photos": _("Photo"),
    "added_video": _("Video"),
    "shared_story": _("Link"),
    "mobile_status_update": _("Post"),
    "": _("Post"),
}
AUDIENCES: Final = {
    "age": _("Followers by age"),
    "gender": _("Followers by gender"),
    "city": _("Followers by city"),
    "country": _("Followers by country"),
}
TITLES: Final = {"instagram": "Instagram", "facebook": "Facebook"}
"""Of sections, where a name is the same in every language."""
PARTS: Final = {"F": _("Women"), "M": _("Men"), "U": _("Not told")}
_ALL: Final = FIGURES | OBJECTIVES | POSTS | AUDIENCES


def label(translate: Callable[[str], str], key: str) -> str:
    """What `key` is called; itself where it has no name, as Meta may add what nobody has heard of."""
    return translate(_ALL[key]) if key in _ALL else key
