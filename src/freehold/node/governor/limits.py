"""Which buckets a call concerns, and what each is limited to: Meta's own limits beside the ceilings that we set.

Our ceiling counts every call with a person's tokens, whatever limit of Meta's it is under: it is the promise that a
node makes by itself, and needs no header. The node's share of the app's limit counts only what Meta counts there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from freehold.contracts.grant import AssetKind
from freehold.node.governor.budget import Bucket, Charge, Limit, weight
from freehold.node.settings import NodeSettings
from freehold.providers.calls import ApiCall
from freehold.providers.meta.limits import FULL_ACCESS, RULES, SHARED, System, systems_of

OF_THE_PERSON = frozenset({System.USER})
"""Limits of the person whose token was used, for all their assets together."""
COMMON = SHARED | OF_THE_PERSON
POLICY = "policy"
THROTTLE = "throttle"


@dataclass(frozen=True)
class Demand:
    """What a call asks of one bucket: its cost there, and whether what is told of the bucket concerns the call.

    `asset_id` is the asset whose calls alone fill the bucket, None for one of a person or of the whole node.
    """

    key: str
    cost: int
    heeds: bool = True
    system: System | None = None
    asset_id: str | None = None


def person_key(person: str) -> str:
    """The bucket of our own ceiling for one person's tokens."""
    return f"person:{person}"


def share_key(asset_id: str) -> str:
    """The bucket of what one asset has used of its person's ceiling."""
    return f"share:{asset_id}"


def demands_of(call: ApiCall, kind: AssetKind | None, person: str) -> list[Demand]:
    """Every bucket that `call`, about an asset of `kind` and with `person`'s token, is counted in or stopped by.

    The first is the person's ceiling; the second the asset's share of it, where the call is about an asset.
    """
    cost, asset_id = weight(call.params), call.asset_id
    found = [Demand(person_key(person), cost)]
    if asset_id is not None:
        found.append(Demand(share_key(asset_id), cost, asset_id=asset_id))
        found.append(Demand(f"{THROTTLE}:{asset_id}", 0, asset_id=asset_id))
    by_key: dict[str, Demand] = {}
    counted = systems_of(call, kind)
    for system, points in counted.items():
        key, owner = system_key(system, asset_id, person), None if system in COMMON else asset_id
        by_key.setdefault(key, Demand(key, points, system=system, asset_id=owner))
    # A throttle of the app or the person stops everything here. What is told of the app's use concerns whatever Meta
    # may count there, and it says so of ads alone that it never does.
    heeds = System.ADS_SCORE not in counted
    by_key.setdefault(System.PLATFORM, Demand(System.PLATFORM, 0, heeds, System.PLATFORM))
    user = system_key(System.USER, asset_id, person)
    by_key.setdefault(user, Demand(user, 0, heeds=False, system=System.USER))
    return [*found, *by_key.values()]


def alike(call: ApiCall) -> tuple[object, ...]:
    """What calls have in common that have the same limits: the asset, the token, and the systems that count them."""
    asset_id = call.asset_id or ""
    kind: AssetKind = "ad_account" if asset_id.startswith("act_") else "instagram_account"
    return asset_id, call.token, *sorted(systems_of(call, kind))


def system_key(system: str, asset_id: str | None, person: str) -> str:
    """The bucket of a limit of Meta's, as its headers and errors name it."""
    if system in SHARED:
        return system
    if system in OF_THE_PERSON or system == POLICY or asset_id is None:
        return f"{System.USER}:{person}"
    return f"{system}:{asset_id}"


def charges_of(
    demands: Sequence[Demand], buckets: Mapping[str, Bucket], settings: NodeSettings, people: int
) -> list[Charge]:
    """The demands with the limit and the bucket of each, in their order."""
    tier = tier_of(buckets.values())
    return [
        Charge(
            limit_of(demand.key, demand.system, tier, settings, people),
            buckets.get(demand.key, Bucket(demand.key)),
            demand.cost,
            demand.heeds,
        )
        for demand in demands
    ]


def limit_of(key: str, system: str | None, tier: str | None, settings: NodeSettings, people: int) -> Limit:
    """The limit of a bucket, for an app of this access tier (None: not told yet) and a node of so many people."""
    if system is None or system not in RULES:
        return Limit(key, ceiling=settings.ceiling_per_hour if key.startswith("person:") else None)
    rule = RULES[System(system)]
    return Limit(
        key,
        rule.minutes,
        rule.step,
        ceiling=settings.app_share_per_user * people if system == System.PLATFORM else None,
        assumed=rule.full if tier == FULL_ACCESS else rule.limited,
        leaks=rule.leaks,
    )


def tier_of(buckets: Iterable[Bucket]) -> str | None:
    """The app's access tier, where a header has told it to one of these buckets."""
    return next((bucket.tier for bucket in buckets if bucket.tier is not None), None)
