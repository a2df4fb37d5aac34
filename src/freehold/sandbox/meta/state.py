"""Everything that one running sandbox remembers: the world, its clock, grants, tokens, counts, faults and writes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from freehold.kernel.clock import Clock
from freehold.sandbox.faults import Faults
from freehold.sandbox.limits import Limits
from freehold.sandbox.meta.grants import Grants
from freehold.sandbox.meta.world.people import World, build_world
from freehold.sandbox.settings import SandboxSettings


@dataclass
class Sandbox:
    """The state of a sandbox. Its time is the machine's, or stands where it was put, moved by `offset`."""

    settings: SandboxSettings
    clock: Clock
    world: World
    grants: Grants
    limits: Limits
    faults: Faults = field(default_factory=Faults)
    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """Calls by (token's name, method, path with ids replaced); each part of a batch is one."""
    exact_calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    """The same calls by (method, path and parameters without secrets): a page that is fetched again is the same."""
    roles: dict[str, str] = field(default_factory=dict)
    """Person -> role on the app; whoever is not here cannot sign in."""
    writes: dict[str, Any] = field(default_factory=dict)
    """What callers wrote, by surface."""
    app_urls: dict[str, str] = field(default_factory=dict)
    """The app's registered callbacks: "deauthorize" and "data_deletion"."""
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The time it is in the sandbox."""
        return self.clock.now() + self.offset


def new_sandbox(settings: SandboxSettings, clock: Clock) -> Sandbox:
    """A sandbox in which nobody has granted anything yet."""
    world = build_world(settings.seed, settings.epoch or clock.now(), settings.extra_businesses, settings.scale)
    return Sandbox(
        settings=settings,
        clock=clock,
        world=world,
        grants=Grants(settings.mark),
        limits=Limits(settings.limits),
        roles={person.id: person.role for person in world.people if person.role},
        app_urls={"deauthorize": settings.deauthorize_url or "", "data_deletion": settings.data_deletion_url or ""},
    )
