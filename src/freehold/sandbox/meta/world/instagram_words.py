"""What people write on Instagram: captions with hashtags, comments, and the moments at which comments came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS
from freehold.sandbox.meta.world.instagram_feed import Feed
from freehold.sandbox.meta.world.instagram_posts import COUNTED, LIFE_DAYS, Post, counts_at
from freehold.sandbox.meta.world.randomness import draws

TAGS = (
    "smallbusiness", "handmade", "behindthescenes", "weekend", "newin", "shoplocal", "studio", "morning", "madeslowly",
    "coffee", "coffeelover", "espresso", "roastery", "ceramics", "pottery", "stoneware", "surf", "ocean", "stationery",
    "paper", "kyoto", "books", "reading", "outdoor", "hiking", "trail", "homedecor", "candles", "yoga", "bread",
)  # fmt: skip
_OPENINGS = (
    "A quiet morning here.", "New this week.", "How it is made, step by step.", "Asked often, answered once.",
    "Three things we learned.", "Back in stock.", "From the archive.", "Thank you for coming by.", "Small details.",
    "What goes into one of these.", "Open late on Thursday.", "Before and after.",
)  # fmt: skip
_CLOSINGS = ("Which one is yours?", "Save this for later.", "Link in profile.", "Tell us below.", "See you soon.", "")
_COMMENTS = (
    "Beautiful!", "Where can I get this?", "Love the colours.", "Do you ship abroad?", "This made my day.", "So good",
    "How long does it take?", "Is it open on Sunday?", "Ordered mine yesterday.", "Need this.", "Wonderful work",
    "What is the price?",
)  # fmt: skip
_NAMES = (
    "ana",
    "bo",
    "carla",
    "dev",
    "eli",
    "fay",
    "gus",
    "hana",
    "ivo",
    "jun",
    "kai",
    "lea",
    "mo",
    "nia",
    "otto",
    "pia",
)
COMMENTS_KEPT = 10_000
_COMMENTS_COLUMN = 1 + COUNTED.index("comments")


def _one(words: Sequence[str], chance: float) -> str:
    return words[int(chance * len(words))]


def home_tags(feed: Feed) -> tuple[str, ...]:
    """The hashtags an account returns to; first those that its own name and text speak of."""
    chance = draws(feed.seed, "tags", feed.account.id)
    own = f"{feed.account.name} {feed.account.biography}".lower()
    spoken = [tag for tag in TAGS if tag in own]
    return tuple(dict.fromkeys([*spoken[:2], *(_one(TAGS, part) for part in chance[:5])]))


def hashtags(post: Post) -> tuple[str, ...]:
    """The hashtags of a post, in the order in which they are written; stories have none."""
    if post.line == "story":
        return ()
    chance = draws(post.feed.seed, "words", post.feed.account.id, post.number)
    own = home_tags(post.feed)
    return own[: 1 + int(chance[2] * len(own))]


def caption(post: Post) -> str:
    """The text under a post; many stories have none."""
    chance = draws(post.feed.seed, "words", post.feed.account.id, post.number)
    opening = _one(_OPENINGS, chance[0])
    if post.line == "story":
        return opening if chance[3] < 1 / 3 else ""
    closing = _one(_CLOSINGS, chance[1])
    tags = " ".join(f"#{tag}" for tag in hashtags(post))
    return " ".join(part for part in (opening, closing, tags) if part)


@dataclass(frozen=True)
class Comment:
    """A comment; `number` counts a post's comments from 0 in the order in which they came."""

    post: Post
    number: int
    text: str
    username: str
    at: int
    likes: int


def comment_count(post: Post, now: int) -> int:
    """Comments under a post at a moment."""
    return min(counts_at(post, now)[_COMMENTS_COLUMN], COMMENTS_KEPT)


def comment_of(post: Post, number: int) -> Comment:
    """One comment."""
    chance = draws(post.feed.seed, "comment", post.feed.account.id, post.number, number)
    return Comment(
        post=post,
        number=number,
        text=_one(_COMMENTS, chance[0]),
        username=f"{_one(_NAMES, chance[1])}.{_one(_NAMES, chance[2])}{int(chance[3] * 90 + 10)}",
        at=_came_at(post, number),
        likes=int(6 * chance[4] ** 3),
    )


def _came_at(post: Post, number: int) -> int:
    """The first second at which the count stood above `number`."""
    low, high = post.at, post.at + LIFE_DAYS * DAY_SECONDS
    while low < high:
        middle = (low + high) // 2
        if counts_at(post, middle)[_COMMENTS_COLUMN] > number:
            high = middle
        else:
            low = middle + 1
    return low


class Comments(Sequence[Comment]):
    """The comments under a post at a moment, newest first."""

    def __init__(self, post: Post, now: int) -> None:
        self.post = post
        self.numbers = range(comment_count(post, now) - 1, -1, -1)

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> Comment: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Comment]: ...

    def __getitem__(self, index: int | slice) -> Comment | Sequence[Comment]:
        if isinstance(index, slice):
            return [comment_of(self.post, number) for number in self.numbers[index]]
        return comment_of(self.post, self.numbers[index])
