"""What a stream is: one kind of data of one kind of asset, read on its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from freehold.node.collection.source import Source, Window


@dataclass(frozen=True)
class Stream:
    """One kind of data of an asset of `kind` (instagram_account, facebook_page, ad_account).

    `read` reads what of it is due in a window; it raises `ProviderError` for what could not be read, after all the
    rest. Of an asset whose `gate` is rejected nothing else is asked. `horizon_days` is how many days back the provider
    still gives this kind of data; 0 for what is only there as it is now.
    """

    name: str
    kind: str
    read: Callable[[Source, Window], Awaitable[None]]
    gate: bool = False
    horizon_days: int = 0
