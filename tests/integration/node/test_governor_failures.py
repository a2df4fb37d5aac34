"""The governor when Meta fails: what is tried again, what never is, and what a refused token ends."""

import asyncio
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.node.conftest import MakeStage, Stage, eventually
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, JONAS, MARA, VERSION

from freehold.contracts.renewal import RenewalReply
from freehold.node.governor import Priority
from freehold.node.governor.tables import api_calls
from freehold.node.vault import credentials
from freehold.node.vault.tables import meta_credentials
from freehold.providers.calls import ApiCall, ProviderError, Rejected, Throttled, TokenRevoked, Unavailable

INSTAGRAM = ApiCall("GET", f"/{VERSION}/{CERAMICS}", {"fields": "id"}, asset_id=CERAMICS)
ADS = ApiCall("GET", f"/{VERSION}/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)
AS_PAGE = ApiCall("GET", f"/{VERSION}/{CERAMICS_PAGE}", {"fields": "id"}, asset_id=CERAMICS_PAGE, token=CERAMICS_PAGE)


async def outcomes(stage: Stage) -> list[tuple[str, bool]]:
    """What became of each call, and whether it repeated another."""
    rows = sorted(await stage.rows(api_calls), key=lambda row: row["id"])
    return [(row["outcome"], row["retry"]) for row in rows]


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("error", {"code": 2, "status": 500}),
        ("error", {"code": 1, "status": 500}),
        ("error", {"code": 100, "transient": True}),
        ("error_in_ok", {"code": 2}),
        ("drop", {}),
        ("malformed", {}),
    ],
)
async def test_what_fails_in_passing_is_tried_again(stage: Stage, kind: str, order: dict[str, object]) -> None:
    """Twice at most, after a growing pause; the third try may succeed."""
    await stage.connect()
    stage.meta.fault(kind, count=2, **order)
    began = stage.clock.now()
    assert (await stage.node.governor.send(INSTAGRAM))["id"] == CERAMICS
    assert await outcomes(stage) == [("unavailable", False), ("unavailable", True), ("ok", True)]
    assert timedelta(seconds=0.75) <= stage.clock.now() - began <= timedelta(seconds=2.25)


async def test_after_three_tries_it_is_given_up(stage: Stage) -> None:
    """And each of them was counted."""
    await stage.connect()
    stage.meta.fault("error", code=2, status=500, count=9)
    with pytest.raises(Unavailable):
        await stage.node.governor.send(INSTAGRAM)
    assert await outcomes(stage) == [("unavailable", False), ("unavailable", True), ("unavailable", True)]


async def test_a_slow_answer_is_given_up(make_stage: MakeStage) -> None:
    """After the time-out of the settings."""
    stage = await make_stage(provider_timeout=0.2)
    await stage.connect()
    stage.meta.fault("slow", seconds=1.0, count=3)
    with pytest.raises(Unavailable, match="no answer came in time"):
        await stage.node.governor.send(INSTAGRAM)


@pytest.mark.parametrize(
    ("code", "subcode"), [(100, None), (100, 33), (10, None), (200, None), (3, None), (2635, None), (275, None)]
)
async def test_a_rejection_is_never_tried_again(stage: Stage, code: int, subcode: int | None) -> None:
    """One call, one answer, and the provider's own numbers."""
    await stage.connect()
    stage.meta.fault("error", code=code, subcode=subcode, message="No", count=9)
    with pytest.raises(Rejected) as refused:
        await stage.node.governor.send(INSTAGRAM)
    assert (refused.value.code, refused.value.subcode, refused.value.message) == (code, subcode, "No")
    assert await outcomes(stage) == [("rejected", False)]


async def test_too_much_data_is_a_rejection_that_says_so(stage: Stage) -> None:
    """The caller asks for a smaller page; the governor does not repeat it."""
    await stage.connect()
    stage.meta.fault("reduce_data", count=9)
    with pytest.raises(Rejected) as refused:
        await stage.node.governor.send(INSTAGRAM)
    assert refused.value.reduce_data
    assert len(await outcomes(stage)) == 1


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80_002, 80_004, 368])
async def test_a_throttle_shuts_the_door(stage: Stage, code: int) -> None:
    """The next call of the same asset is refused here, without asking Meta, until the wait is over."""
    await stage.connect()
    stage.meta.fault("error", code=code, message="Too many calls")
    with pytest.raises(Throttled) as first:
        await stage.node.governor.send(INSTAGRAM)
    with pytest.raises(Throttled) as second:
        await stage.node.governor.send(INSTAGRAM)
    assert second.value.retry_after == first.value.retry_after > 0
    assert await outcomes(stage) == [("throttled", False)]
    stage.clock.advance(timedelta(seconds=first.value.retry_after))
    await stage.node.governor.send(INSTAGRAM)


async def test_a_throttle_of_the_app_shuts_every_asset(stage: Stage) -> None:
    """Code 4 is the app's."""
    await stage.connect()
    stage.meta.fault("error", code=4)
    with pytest.raises(Throttled):
        await stage.node.governor.send(INSTAGRAM)
    with pytest.raises(Throttled):
        await stage.node.governor.send(ADS)


async def test_a_throttle_of_an_account_shuts_that_account(stage: Stage) -> None:
    """Code 80004 is one ad account's."""
    await stage.connect()
    stage.meta.fault("error", code=80_004)
    with pytest.raises(Throttled):
        await stage.node.governor.send(ADS)
    await stage.node.governor.send(INSTAGRAM)


@pytest.mark.parametrize(("code", "subcode"), [(190, 460), (190, 458), (190, 463), (190, None), (102, None)])
async def test_a_refused_token_ends_its_credential(stored: Stage, code: int, subcode: int | None) -> None:
    """Revoked, its ciphertext erased, and nothing more is sent with it."""
    await stored.connect()
    stored.meta.fault("error", code=code, subcode=subcode, message="Error validating access token", status=401)
    with pytest.raises(TokenRevoked):
        await stored.node.governor.send(INSTAGRAM)
    (row,) = await stored.rows(meta_credentials)
    assert (row["status"], row["status_reason"]) == ("revoked", "refused_by_provider")
    assert (row["access_token"], row["page_tokens"], row["key_id"]) == (None, None, None)
    with pytest.raises(TokenRevoked, match="connect again"):
        await stored.node.governor.send(ADS)
    assert len(await outcomes(stored)) == 1


async def test_a_token_revoked_in_the_middle_of_a_run_ends_it_at_once(stored: Stage) -> None:
    """Of twenty calls only those under way reach Meta; others fail without HTTP, until the person connects again."""
    await stored.connect()
    await stored.node.governor.send(INSTAGRAM)
    stored.meta.sandbox.grants.invalidate(MARA, 460, "The session has been invalidated")
    calls = [stored.node.governor.send(INSTAGRAM, patience=9_999) for _ in range(20)]
    assert {type(error) for error in await asyncio.gather(*calls, return_exceptions=True)} == {TokenRevoked}
    asked = len(await outcomes(stored))
    assert asked <= 1 + stored.node.settings.concurrent_calls
    with pytest.raises(TokenRevoked, match="connect again"):
        await stored.node.governor.send(ADS, Priority.PAUSE_AD)
    assert len(await outcomes(stored)) == asked
    await stored.connect()
    assert (await stored.node.governor.send(INSTAGRAM))["id"] == CERAMICS


async def test_another_person_s_credential_goes_on(stage: Stage) -> None:
    """One person's revocation is theirs."""
    await stage.connect(MARA)
    theirs = await stage.connect(JONAS, None)
    other = next(asset.id for asset in theirs.assets if asset.kind == "ad_account")
    stage.meta.sandbox.grants.invalidate(MARA, 460, "gone")
    with pytest.raises(TokenRevoked):
        await stage.node.governor.send(INSTAGRAM)
    await stage.node.governor.send(ApiCall("GET", f"/{VERSION}/{other}", {"fields": "id"}, asset_id=other))


async def test_a_call_that_nobody_waits_for_is_written_down(stored: Stage) -> None:
    """It was sent, and the provider counts it."""
    await stored.connect()
    stored.meta.fault("slow", seconds=5.0)
    sending = asyncio.create_task(stored.node.governor.send(INSTAGRAM))

    async def sent() -> bool:
        return bool(stored.meta.sandbox.calls)

    await eventually(sent)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await outcomes(stored) == [("unavailable", False)]


async def test_a_refused_page_token_forgets_only_the_page(stored: Stage) -> None:
    """The person lost their role on the page: everything else goes on."""
    await stored.connect()
    stored.meta.fault("error", code=190, message="Error validating access token", status=401)
    with pytest.raises(TokenRevoked):
        await stored.node.governor.send(AS_PAGE)
    async with stored.node.database.reading() as session:
        (credential,) = await credentials(session, "active")
        tokens = await stored.node.vault.tokens(session, credential.id)
    assert tokens is not None
    assert CERAMICS_PAGE not in tokens.pages
    await stored.node.governor.send(INSTAGRAM)
    with pytest.raises(TokenRevoked, match="holds no token"):
        await stored.node.governor.send(AS_PAGE)
    assert len(await outcomes(stored)) == 2


async def test_a_token_renewed_meanwhile_is_not_ended(make_stage: MakeStage, serve: Serve) -> None:
    """The answer to a call with the old token comes after the renewal: the new token stays."""
    stages: list[Stage] = []

    async def refuse(_request: Request) -> JSONResponse:
        node = stages[0].node
        reply = RenewalReply.model_validate(
            {"request_id": "r", "access_token": "EAAnew", "token_expires_at": None, "data_access_expires_at": None}
        )
        async with node.database.writing() as session:
            (credential,) = await credentials(session, "active")
            await node.vault.renew(session, credential.id, reply, node.clock.now())
        return JSONResponse({"error": {"code": 190, "message": "Error validating access token"}}, 401)

    stages.append(await make_stage(graph_url=await serve(Starlette(routes=[Route("/{path:path}", refuse)]))))
    await stages[0].connect()
    with pytest.raises(TokenRevoked):
        await stages[0].node.governor.send(INSTAGRAM)
    assert [row["status"] for row in await stages[0].rows(meta_credentials)] == ["active"]


async def test_no_token_stands_in_a_failure(make_stage: MakeStage, serve: Serve) -> None:
    """Even when the provider repeats it."""

    async def repeat(request: Request) -> JSONResponse:
        sent = f"{request.headers['authorization']} {request.query_params.get('appsecret_proof')}"
        return JSONResponse({"error": {"code": 100, "message": f"Bad: {sent}"}}, 400)

    stage = await make_stage(graph_url=await serve(Starlette(routes=[Route("/{path:path}", repeat)])))
    grant = await stage.connect()
    with pytest.raises(ProviderError) as failed:
        await stage.node.governor.send(INSTAGRAM, Priority.INTERACTIVE)
    secrets = [grant.access_token, *grant.appsecret_proofs.values()]
    shown = f"{failed.value} {failed.value!r} {failed.value.message}"
    assert not [secret for secret in secrets if secret.get_secret_value() in shown]


async def test_without_any_connection_the_person_is_asked_to_connect(stage: Stage) -> None:
    """A call about the token itself has none to go out with."""
    with pytest.raises(TokenRevoked, match="connect again"):
        await stage.node.governor.send(ApiCall("GET", f"/{VERSION}/me"))
