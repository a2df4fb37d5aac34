"""A page's post as the surface passes it on, with the id that it has in the Graph."""

from dataclasses import dataclass

from freehold.sandbox.meta.world.instagram_posts import Post
from freehold.sandbox.meta.world.people import Page

FIRST_NUMBER = 122_000_000_000_000


@dataclass(frozen=True)
class PagePost:
    """A post and the page it is on."""

    page: Page
    post: Post

    @property
    def id(self) -> str:
        """The page's id and the post's number."""
        return f"{self.page.id}_{FIRST_NUMBER + self.post.number}"


def number_of(post_id: str) -> tuple[str, int] | None:
    """The page's id and the number of the post that an id of this form names."""
    page_id, mark, number = post_id.partition("_")
    if not mark or not number.isdigit() or int(number) < FIRST_NUMBER:
        return None
    return page_id, int(number) - FIRST_NUMBER
