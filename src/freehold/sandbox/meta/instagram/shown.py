"""A medium as a caller sees it: the post or story, which child of it, and whether the caller's account is its owner."""

from dataclasses import dataclass

from freehold.sandbox.meta.graph import Call
from freehold.sandbox.meta.instagram import ids
from freehold.sandbox.meta.world.instagram_posts import Post


@dataclass(frozen=True)
class Medium:
    """A post or a story (`child` None), or one picture or video inside a carousel."""

    post: Post
    child: int | None = None
    own: bool = True

    @property
    def id(self) -> str:
        """Its id in the Graph."""
        return ids.media_id(self.post, self.child)

    @property
    def media_type(self) -> str:
        """IMAGE, VIDEO or CAROUSEL_ALBUM."""
        return self.post.media_type if self.child is None else self.post.children[self.child]


def seconds(call: Call) -> int:
    """The call's moment, in Unix seconds."""
    return int(call.now.timestamp())
