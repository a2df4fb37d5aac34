"""What a person sees at the broker: plain pages without scripts, that work on a phone."""

from freehold.broker.pages.render import (
    answer_problem,
    page_responses,
    render_deletion,
    render_interstitial,
    render_problem,
    render_try_again,
    wants_page,
)

__all__ = [
    "answer_problem",
    "page_responses",
    "render_deletion",
    "render_interstitial",
    "render_problem",
    "render_try_again",
    "wants_page",
]
