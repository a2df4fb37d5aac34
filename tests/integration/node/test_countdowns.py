"""Tokens are renewed through the broker, and people are asked to connect again, on both databases."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.node.conftest import MakeStage, Stage
from tests.integration.node.sinks import HttpSink
from tests.meta_sandbox import MARA

from freehold.contracts.renewal import (
    RENEWAL_REPLY_INFO,
    RENEWAL_REQUEST_INFO,
    RenewalReply,
    RenewalRequest,
    SealedMessage,
)
from freehold.kernel import crypto
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.crypto import SealingKey
from freehold.node.broker_client import BrokerClient
from freehold.node.context import Node
from freehold.node.countdowns import refresh, remind
from freehold.node.notifications.outbox import deliver_due
from freehold.node.notifications.tables import notification_deliveries, notifications
from freehold.node.notifications.targets import keep_target, new_target
from freehold.node.vault import credentials

DAY = timedelta(days=1)


@dataclass
class Broker:
    """A broker that renews and gives links, or refuses all while it is `away`."""

    node: Node
    away: bool = False
    life: timedelta = 60 * DAY
    renewed: int = 0
    links: int = 0
    sealing: SealingKey = field(default_factory=SealingKey.generate)

    def app(self) -> Starlette:
        """Its endpoints."""
        renew = Route("/renew/meta", self._renew, methods=["POST"])
        return Starlette(routes=[renew, Route("/connect-links", self._link, methods=["POST"])])

    async def _renew(self, request: Request) -> Response:
        if self.away:
            return Response(status_code=503)
        message = SealedMessage.model_validate_json(await request.body())
        asked = RenewalRequest.model_validate_json(
            self.sealing.open(crypto.to_bytes(message.sealed), RENEWAL_REQUEST_INFO)
        )
        self.renewed += 1
        async with self.node.database.reading() as session:
            (held,) = await credentials(session, "active")
        content = {
            "request_id": asked.request_id,
            "access_token": f"EAArenewed{self.renewed}",
            "token_expires_at": self.node.clock.now() + self.life,
            "data_access_expires_at": held.data_access_expires_at,
        }
        reply = RenewalReply.model_validate(content).model_dump_json().encode()
        sealed = crypto.seal(reply, self.node.keys.sealing.public_text(), RENEWAL_REPLY_INFO)
        return JSONResponse(SealedMessage(sealed=crypto.to_text(sealed)).model_dump())

    async def _link(self, _request: Request) -> Response:
        if self.away:
            return Response(status_code=503)
        self.links += 1
        link = {
            "link_id": f"l{self.links}",
            "client_id": "rosa",
            "url": f"https://broker.example/auth/meta?link={self.links}",
            "expires_at": (self.node.clock.now() + DAY).isoformat(),
        }
        return JSONResponse(link)


@dataclass
class Life:
    """A node that is connected, its broker, and where its notifications arrive."""

    stage: Stage
    node: Node
    broker: Broker
    sink: HttpSink

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and stage of what has arrived."""
        return [(body["kind"], body["id"].split(":", 2)[2]) for _, body in self.sink.taken]

    async def days(self, count: int) -> None:
        """Let days pass, each with its refresh and with sending."""
        for _ in range(count):
            await refresh(self.node)
            await deliver_due(self.node)
            self.stage.clock.advance(DAY)

    async def later(self, days: int) -> None:
        """Let many days pass with only a few refreshes, enough to keep the token."""
        for _ in range(2):
            self.stage.clock.advance(days / 2 * DAY)
            await refresh(self.node)


@pytest.fixture
async def life(make_stored: MakeStage, serve: Serve) -> Life:
    """A node that was connected just now, with one target."""
    stage = await make_stored()
    await stage.connect()
    broker, sink = Broker(stage.node), HttpSink()
    identity = stage.node.keys.broker.model_copy(
        update={"broker_url": await serve(broker.app()), "sealing_key": broker.sealing.public_text()}
    )
    keys = dataclasses.replace(stage.node.keys, broker=identity)
    settings = stage.node.settings
    client = BrokerClient(settings, keys, stage.node.http, stage.clock)
    node = dataclasses.replace(stage.node, keys=keys, broker=client)
    target = new_target("hook", f"{await serve(sink.app())}/hook", AddressPolicy.of("127.0.0.0/8"))
    keep_target(settings.data_dir, target)
    return Life(stage, node, broker, sink)


async def ends(node: Node) -> tuple[datetime | None, datetime | None]:
    """When the token and the data access of the active credential end."""
    async with node.database.reading() as session:
        (held,) = await credentials(session, "active")
    return held.token_expires_at, held.data_access_expires_at


async def test_ninety_days_of_daily_refreshing_bring_four_reminders_with_links(life: Life) -> None:
    """The token is renewed daily; of data access people hear 21, 7 and 1 days ahead and at the end, each once."""
    _, end = await ends(life.node)
    await life.days(95)

    assert end is not None
    assert life.told == [("data_access", f"{end:%Y-%m-%d}:{stage}") for stage in (21, 7, 1, 0)]
    links = [body["text"].rpartition("link=")[2] for _, body in life.sink.taken]
    assert links == ["1", "2", "3", "4"]
    assert life.broker.renewed == 94
    assert (await ends(life.node))[0] == life.stage.clock.now() - DAY + 60 * DAY


async def test_reconnecting_ends_the_reminders_of_the_old_deadline(life: Life) -> None:
    """A new consent moves the deadline: nothing more is told of the old one, not even what was waiting to be sent."""
    await life.later(70)
    await deliver_due(life.node)
    life.sink.status = 503
    life.stage.clock.advance(13 * DAY)
    assert [each.stage for each in await remind(life.node)] == [7]
    await deliver_due(life.node)
    await life.stage.connect(MARA)
    life.sink.status = 200
    await life.days(10)

    assert [stage.partition(":")[2] for _, stage in life.told] == ["21"]
    waiting = [row for row in await life.stage.rows(notification_deliveries) if row["next_at"] is not None]
    assert waiting == []


async def test_with_the_broker_away_people_hear_at_once_and_the_link_follows(life: Life) -> None:
    """Without a link the reminder says so, once; when the broker is back the link goes out, once."""
    await life.later(68)
    life.broker.away = True
    await life.days(4)
    life.broker.away = False
    await life.days(4)

    texts = [body["text"] for _, body in life.sink.taken]
    assert ["link=" in text for text in texts] == [False, True]
    assert "What to do: connect again." in texts[0]


async def test_a_token_that_cannot_be_renewed_is_tried_daily_and_told_of(life: Life) -> None:
    """Failing renewals leave the rest alone, and people hear of it before the token ends and when it has."""
    life.broker.away = True
    await life.days(1)
    refused = await refresh(life.node)
    assert [each.refused.partition(":")[0] for each in refused] == ["broker_refused"]
    life.stage.clock.advance(50 * DAY)
    await life.days(12)

    stages = [stage.split(":")[1] for kind, stage in life.told if kind == "token_expiry"]
    assert stages == ["7", "1", "0"]
    assert life.broker.renewed == 0


async def test_an_ended_authorisation_is_told_of_with_a_link(life: Life) -> None:
    """When Meta refuses the token, people are told once why, which accounts, and how to connect again."""
    async with life.node.database.writing() as session:
        (held,) = await credentials(session, "active")
        await life.node.vault.revoke(session, held.id, "refused_by_provider")
    await life.days(5)

    ((_, body),) = life.sink.taken
    assert body["kind"] == "authorisation_ended"
    assert "Meta no longer accepts it" in body["text"]
    assert "ad account" in body["text"]
    assert "link=1" in body["text"]


async def test_a_link_that_lapsed_before_it_arrived_is_replaced(life: Life) -> None:
    """While nothing can be sent, a link older than a day is not kept: what arrives in the end is valid."""
    await life.later(68)
    life.sink.status = 503
    await life.days(4)
    life.sink.status = 200
    await life.days(3)

    ((_, body),) = life.sink.taken
    assert f"link={life.broker.links}" in body["text"]
    assert life.broker.links > 1


async def test_a_target_that_is_added_late_still_hears_of_it(life: Life) -> None:
    """With no target no reminder counts as told, and no link is made for nobody."""
    (file,) = life.node.settings.data_dir.glob("notify.json")
    kept = file.read_text()
    file.unlink()
    await life.later(72)
    assert (life.broker.links, await life.stage.rows(notifications)) == (0, [])
    file.write_text(kept)
    await life.days(1)

    assert len(life.told) == 1


async def test_what_never_ends_is_left_alone(life: Life) -> None:
    """A system user's token is neither renewed nor counted down."""
    await life.stage.deliver(life.stage.grant(token_expires_at=None, data_access_expires_at=None))
    life.stage.clock.advance(200 * DAY)

    assert await refresh(life.node) == []
    assert await remind(life.node) == []
    assert life.broker.renewed == 0
