"""Faults on command: what goes wrong next, for which calls, how often."""

from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal[
    "error",
    "error_in_ok",
    "error_data_text",
    "service_unavailable_in_ok",
    "reduce_data",
    "null_batch_item",
    "no_headers",
    "slow",
    "drop",
    "malformed",
]


class FaultOrder(BaseModel):
    """An order for a fault: of `kind`, for calls whose path contains `path`, `count` times, after letting `skip` pass.

    `code`, `subcode`, `message`, `status` word the error of kind `error` (a throttle, 190/460, 368 ...); `seconds` is
    how long a `slow` answer takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    path: str = ""
    method: str = ""
    count: int = Field(default=1, ge=1, le=100_000)
    skip: int = Field(default=0, ge=0, le=100_000)
    code: int = 1
    subcode: int | None = None
    message: str = "An unknown error occurred"
    status: int = Field(default=400, ge=200, le=599)
    transient: bool = False
    seconds: float = Field(default=1.0, ge=0, le=120)

    def suits(self, method: str, path: str) -> bool:
        """Whether the fault is meant for such a call."""
        return self.path in path and self.method in {"", method}


class FaultMix(BaseModel):
    """Several faults mixed: each call is struck with probability `share`, by one of `orders` that suits it.

    `seed` makes the same calls in the same order be struck by the same faults. What `orders` say of `count` and `skip`
    does not matter here: the mix strikes until the faults are cleared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(gt=0, le=1)
    seed: int
    orders: tuple[FaultOrder, ...] = Field(min_length=1)


@dataclass(frozen=True)
class _Waiting:
    order: FaultOrder
    skip: int
    left: int


class Faults:
    """The orders that wait, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._mixes: list[tuple[FaultMix, Random]] = []

    def add(self, order: FaultOrder) -> None:
        """Take an order."""
        self._waiting.append(_Waiting(order, order.skip, order.count))

    def mix(self, mix: FaultMix) -> None:
        """Strike a share of the calls from now on."""
        self._mixes.append((mix, Random(mix.seed)))  # noqa: S311 - reproducible, not secret

    def clear(self) -> None:
        """Forget all orders and mixes."""
        self._waiting.clear()
        self._mixes.clear()

    def pending(self) -> list[dict[str, object]]:
        """The orders that wait, with how often each will still strike, and the mixes."""
        orders = [{**waiting.order.model_dump(), "left": waiting.left} for waiting in self._waiting]
        return [*orders, *(mix.model_dump() for mix, _ in self._mixes)]

    def strike(self, method: str, path: str) -> FaultOrder | None:
        """The fault that strikes this call, which uses it up by one."""
        for place, waiting in enumerate(self._waiting):
            order = waiting.order
            if not order.suits(method, path):
                continue
            if waiting.skip:
                self._waiting[place] = replace(waiting, skip=waiting.skip - 1)
                continue
            if waiting.left == 1:
                del self._waiting[place]
            else:
                self._waiting[place] = replace(waiting, left=waiting.left - 1)
            return order
        return self._mixed(method, path)

    def _mixed(self, method: str, path: str) -> FaultOrder | None:
        for mix, random in self._mixes:
            suitable = [order for order in mix.orders if order.suits(method, path)]
            if suitable and random.random() < mix.share:
                return random.choice(suitable)
        return None
