"""Who may call, how often, and what is written down about it."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from tests.integration.broker.conftest import Stage
from tests.integration.broker.test_platform_events import statuses

from freehold.broker.access import keys, queries
from freehold.broker.initialization import initialize
from freehold.broker.keys import KEY_FILES, KeysExistError
from freehold.broker.settings import BrokerSettings
from freehold.kernel.crypto import to_text
from freehold.kernel.problems import Problem


async def statuses_of(stage: Stage, path: str, times: int, **sent: Any) -> list[int]:
    """What so many requests without a key are answered."""
    found = []
    async with aiohttp.ClientSession() as session:
        for _ in range(times):
            async with session.post(stage.url + path, **sent) as answer:
                found.append(answer.status)
    return found


@pytest.mark.parametrize("path", ["/admin/clients", "/admin/testers", "/connect-links", "/renew/meta"])
async def test_nobody_without_a_key_has_a_body_read(stage: Stage, path: str) -> None:
    """The key comes first: 401 whatever the body is, and 429 after too many."""
    found = await statuses_of(stage, path, 21, data=b"{", headers={"Content-Type": "application/json"})

    assert found == [401] * 20 + [429]


async def test_many_refusals_of_nobody_are_counted_and_not_written_down(stage: Stage) -> None:
    """Nobody fills the database by being refused; the metrics count all."""
    await statuses_of(stage, "/meta/deauthorize", 80, data={"signed_request": "x.y"})

    events = await stage.events(outcome="refused", limit="500")
    metrics = await stage.browser.get(f"{stage.url}/metrics", Accept="*/*")
    counted = 'freehold_broker_events_total{outcome="refused",reason="signed_request_malformed"'
    assert len(events) == 60
    assert f'{counted},step="platform_event.deauthorize"}} 80.0' in metrics.text


class TestFewRequests:
    """A broker whose public pages may be asked rarely."""

    @pytest.fixture
    def more_settings(self) -> dict[str, Any]:
        """Five a minute."""
        return {"public_rate": "5/minute"}

    async def test_readiness_is_limited_too(self, stage: Stage) -> None:
        """Asking costs the database something, so it cannot be asked without end."""
        found = [(await stage.browser.get(f"{stage.url}/ready", Accept="*/*")).status for _ in range(6)]

        assert found == [200] * 5 + [429]


async def test_a_key_to_which_nothing_can_be_sealed_is_not_registered(stage: Stage) -> None:
    """It has the right length, and is none."""
    await stage.add_client()
    answer = await stage.admin("PUT", "/admin/clients/rosa", {"public_key": to_text(bytes(32))})

    assert (answer.status, answer.json()["code"]) == (400, "public_key_unusable")


async def test_a_change_without_its_event_does_not_happen(stage: Stage) -> None:
    """What an administrator does and what is written about it are one transaction."""
    await stage.add_client()
    async with stage.broker.database.writing() as session:
        await session.exec_driver_sql("ALTER TABLE oauth_events RENAME TO gone")

    answer = await stage.admin("DELETE", "/admin/clients/rosa")

    async with stage.broker.database.writing() as session:
        await session.exec_driver_sql("ALTER TABLE gone RENAME TO oauth_events")
    assert answer.status == 500
    assert (await stage.admin("GET", "/admin/clients/rosa")).status == 200


async def confirm(stage: Stage, client_id: str = "rosa", **changes: Any) -> Any:
    """Confirm the person as the client's node does."""
    body = {"provider": "meta", "meta_user_id": stage.meta.user_id, **changes}
    return await stage.admin("POST", "/connections/confirm", body, key=stage.nodes[client_id].api_key)


async def test_a_node_confirms_a_pending_person(stage: Stage) -> None:
    """From then on the person counts as connected; a repeat changes nothing."""
    node = await stage.add_client()
    await stage.browser.get(await stage.to_callback(stage.bare()))
    answers = [await confirm(stage), await confirm(stage)]

    await stage.browser.get(await stage.to_callback(stage.bare()))

    assert [answer.status for answer in answers] == [204, 204]
    assert await statuses(stage) == ["active"]
    assert [grant.status for grant in node.grants] == ["pending", "active"]
    assert "connection.confirmed" in [event["step"] for event in await stage.events(client_id="rosa")]


async def test_a_node_confirms_only_its_own(stage: Stage) -> None:
    """Another client's person, and one whom nobody knows, are unknown to it."""
    await stage.add_client("rosa")
    await stage.add_client("lena")
    await stage.browser.get(await stage.to_callback(stage.bare("rosa")))

    answers = [await confirm(stage, "lena"), await confirm(stage, "rosa", meta_user_id="1")]

    assert [(answer.status, answer.json()["code"]) for answer in answers] == [(404, "connection_unknown")] * 2
    assert await statuses(stage) == ["pending"]


async def test_admin_keys_are_added_listed_and_revoked(stage: Stage) -> None:
    """Each has a name of its own; a revoked one is refused; the last one stays."""
    broker = stage.broker
    async with broker.database.writing() as session:
        second = await keys.create_admin_key(session, broker, "second")
    with pytest.raises(Problem, match="admin_key_exists"):
        async with broker.database.writing() as session:
            await keys.create_admin_key(session, broker, "second")
    works = await stage.admin("GET", "/admin/stats", key=second)
    async with broker.database.writing() as session:
        await keys.revoke_admin_key(session, broker, "first")
    with pytest.raises(Problem, match="admin_key_last"):
        async with broker.database.writing() as session:
            await keys.revoke_admin_key(session, broker, "second")

    async with broker.database.reading() as session:
        listed = await queries.list_admin_keys(session)

    assert (works.status, (await stage.admin("GET", "/admin/stats")).status) == (200, 401)
    assert [(each.name, each.revoked_at is None) for each in listed] == [("first", False), ("second", True)]


async def test_making_a_broker_can_be_repeated_after_a_failure(tmp_path: Path) -> None:
    """A database that was away leaves nothing that keeps the second attempt from succeeding."""
    away = BrokerSettings(
        data_dir=tmp_path / "broker",
        database_url="postgresql+asyncpg://u@127.0.0.1:1/x",
        meta_app_id="1",
        meta_app_secret=SecretStr("x"),
    )
    with pytest.raises(Problem, match="database_unavailable"):
        await initialize(away)
    there = away.model_copy(update={"database_url": None})

    key = await initialize(there)

    assert key.startswith("fhadmin_")
    with pytest.raises(KeysExistError):
        await initialize(there)


async def test_a_broker_whose_keys_are_lost_is_not_made_anew(tmp_path: Path) -> None:
    """New keys would make everything useless that the database holds."""
    settings = BrokerSettings(data_dir=tmp_path / "broker", meta_app_id="1", meta_app_secret=SecretStr("x"))
    await initialize(settings)
    for name in KEY_FILES:
        (settings.data_dir / name).unlink()

    with pytest.raises(KeysExistError):
        await initialize(settings)

    assert not any((settings.data_dir / name).exists() for name in KEY_FILES)


async def test_a_method_that_an_address_does_not_take_is_told_so(stage: Stage) -> None:
    """A browser gets a page with the right status and header."""
    answer = await stage.browser.post(f"{stage.url}/callback", {"x": "y"})

    assert (answer.status, answer.headers["Allow"]) == (405, "GET")
    assert "method_not_allowed" in answer.text


async def test_everybody_with_a_role_is_counted_once(stage: Stage) -> None:
    """Meta lists an id and a user name for one person."""
    stage.meta.roles = [{"user": str(each), "username": f"u{each}", "role": "testers"} for each in range(1, 31)]
    await stage.admin("POST", "/admin/testers", {"name": "One", "meta_user": "u1"})

    compared = (await stage.admin("POST", "/admin/testers/reconcile")).json()

    assert (compared["listed"], compared["unrecorded"], len(compared["present"])) == (30, 29, 1)
