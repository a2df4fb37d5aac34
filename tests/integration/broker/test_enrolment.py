"""A new node registers itself with a one-time code: real broker, real node, on SQLite and PostgreSQL."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.conftest import serving
from tests.integration.broker.conftest import Stage

from freehold.broker.enrolment.tables import enrolment_codes
from freehold.broker.identity import identity_of
from freehold.broker.registry import clients
from freehold.contracts.registration import ENROLMENT_REQUEST_INFO, EnrolmentCode, EnrolmentRequest
from freehold.kernel import crypto
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.crypto import SealingKey
from freehold.node.access import find_caller, list_keys
from freehold.node.broker_client import BrokerError
from freehold.node.context import open_node
from freehold.node.enrolment import Enrolled, NewPlace, OtherBrokerError, enrol
from freehold.node.initialization import AlreadyInitializedError
from freehold.node.keys import KEYRING_FILE, SEALING_FILE, load_keys
from freehold.node.settings import NodeSettings

VM_URL = "http://127.0.0.1:3006"
BODY = {"company_name": "Rosa & Söhne"}


@pytest.fixture
def stage_database(database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return database_url


async def new_code(stage: Stage, client_id: str = "rosa", **more: Any) -> str:
    """A code, as an administrator makes it."""
    answer = await stage.admin("POST", f"/admin/clients/{client_id}/enrolment-codes", {**BODY, **more})
    assert answer.status == 201, answer.text
    return str(answer.json()["code"])


@dataclass(frozen=True)
class Vm:
    """A machine on which a node is to be made."""

    folder: Path
    vm_url: str = VM_URL
    client_id: str | None = None

    async def enrol(self, code: str, broker_url: str) -> Enrolled:
        """What `freehold node init --enrol` does."""
        networks = ("127.0.0.0/8",)
        addresses = AddressPolicy.of(*networks)
        place = NewPlace(self.folder, self.vm_url, "http://127.0.0.1:3007", addresses, self.client_id)
        return await enrol(
            place,
            broker_url,
            EnrolmentCode.read(code),
            lambda reply: NodeSettings(
                data_dir=self.folder,
                client_id=reply.client_id,
                company_name=reply.company_name,
                public_url=place.public_url,
                allowed_networks=networks,
            ),
        )

    async def refused(self, code: str, broker_url: str) -> str:
        """The broker's reason for refusing this machine, on which then is no node."""
        with pytest.raises(BrokerError) as refused:
            await self.enrol(code, broker_url)
        assert not (self.folder / KEYRING_FILE).exists()
        return refused.value.code


async def test_a_node_registers_itself(stage: Stage, tmp_path: Path) -> None:
    """The client is registered with the code's names and the node's keys, and broker and node know each other."""
    made = await Vm(tmp_path / "node").enrol(await new_code(stage), stage.url)

    assert (made.settings.client_id, made.settings.company_name) == ("rosa", "Rosa & Söhne")
    client, keys = await clients.known(stage.broker, "rosa"), load_keys(tmp_path / "node")
    assert (client.vm_url, client.success_url) == (VM_URL, "http://127.0.0.1:3007/success")
    assert (client.company_name, client.status) == ("Rosa & Söhne", "active")
    assert client.public_key == keys.sealing.public_text()
    assert clients.api_key(stage.broker, client) == keys.api_key
    assert keys.broker.signing_key == stage.broker.keys.signing.public_text()
    async with open_node(NodeSettings.load(tmp_path / "node")) as node:
        link = await node.broker.connect_link()
        async with node.database.reading() as session:
            caller = await find_caller(session, keys.api_key, node.clock.now())
    assert link.client_id == "rosa"
    assert caller is not None
    assert caller.scopes == {"credentials:deliver"}


async def test_what_happened_is_written_down_without_the_code(stage: Stage, tmp_path: Path) -> None:
    """Made, used, refused: each is an event of the client; the database holds a digest alone."""
    code = await new_code(stage)
    await Vm(tmp_path / "node").enrol(code, stage.url)
    assert await Vm(tmp_path / "other").refused(code, stage.url) == "enrolment_code_used"

    told = [(event["step"], event["outcome"], event["reason"]) for event in await stage.events(client_id="rosa")]
    assert told == [
        ("enrolment", "refused", "enrolment_code_used"),
        ("enrolment", "succeeded", None),
        ("admin.client_added", "succeeded", None),
        ("admin.enrolment_code_made", "succeeded", None),
    ]
    async with stage.broker.database.reading() as session:
        (kept,) = (await session.execute(select(enrolment_codes))).mappings().all()
    assert EnrolmentCode.read(code).secret not in repr(dict(kept)) + repr(await stage.events())
    assert kept["digest"] == crypto.digest(EnrolmentCode.read(code).secret)


async def test_one_of_two_nodes_wins_a_race(stage: Stage, tmp_path: Path) -> None:
    """Both show the same code at the same moment."""
    code = await new_code(stage)
    both = await asyncio.gather(
        *(Vm(tmp_path / name).enrol(code, stage.url) for name in ("one", "two")), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in both) == ["BrokerError", "Enrolled"]


@pytest.mark.parametrize("lasting", [3600, None])
async def test_a_code_expires(stage: Stage, tmp_path: Path, lasting: int | None) -> None:
    """After what was chosen, else after a day."""
    chosen: dict[str, Any] = {} if lasting is None else {"valid_seconds": lasting}
    code = await new_code(stage, **chosen)
    stage.clock.advance(timedelta(seconds=(lasting or 86_400) - 1))
    early = await Vm(tmp_path / "early", vm_url="http://10.0.0.1").refused(code, stage.url)
    stage.clock.advance(timedelta(seconds=1))
    assert (early, await Vm(tmp_path / "late").refused(code, stage.url)) == ("url_scheme", "enrolment_code_expired")


async def test_a_code_can_be_withdrawn(stage: Stage, tmp_path: Path) -> None:
    """By the administrator, or by a newer code for the same client."""
    first = await new_code(stage)
    second = await new_code(stage)
    assert await Vm(tmp_path / "first").refused(first, stage.url) == "enrolment_code_revoked"
    assert (await stage.admin("DELETE", "/admin/clients/rosa/enrolment-codes")).status == 204
    assert await Vm(tmp_path / "second").refused(second, stage.url) == "enrolment_code_revoked"
    assert (await stage.admin("DELETE", "/admin/clients/rosa/enrolment-codes")).status == 404


async def test_a_code_is_bound_to_its_client_and_host(stage: Stage, tmp_path: Path) -> None:
    """Another client's name, or another host, is refused, and uses nothing up."""
    code = await new_code(stage, vm_host="127.0.0.1")
    assert await Vm(tmp_path / "a", client_id="hugo").refused(code, stage.url) == "enrolment_other_client"
    assert await Vm(tmp_path / "b", vm_url="http://localhost:3006").refused(code, stage.url) == "enrolment_other_host"
    made = await Vm(tmp_path / "c", client_id="rosa").enrol(code, stage.url)
    assert made.settings.client_id == "rosa"


async def test_the_address_guard_holds(stage: Stage, tmp_path: Path) -> None:
    """An address that `clients add` would refuse is refused, and the corrected command works with the same code."""
    code = await new_code(stage)
    assert await Vm(tmp_path / "node", vm_url="https://169.254.169.254").refused(code, stage.url) == "address_refused"
    made = await Vm(tmp_path / "node").enrol(code, stage.url)
    assert made.settings.client_id == "rosa"


async def test_a_registered_client_gets_no_code(stage: Stage) -> None:
    """Its node's keys are not replaced by a side door."""
    await stage.add_client()
    answer = await stage.admin("POST", "/admin/clients/rosa/enrolment-codes", BODY)
    assert (answer.status, answer.json()["code"]) == (409, "client_exists")


async def test_a_client_registered_meanwhile_stays_as_it_is(stage: Stage, tmp_path: Path) -> None:
    """The code was made before; the registered node keeps its place."""
    code = await new_code(stage)
    node = await stage.add_client()
    assert await Vm(tmp_path / "node").refused(code, stage.url) == "client_exists"
    assert (await clients.known(stage.broker, "rosa")).public_key == node.sealing.public_text()


async def test_codes_go_with_their_client(stage: Stage, tmp_path: Path) -> None:
    """Whoever has the id next inherits nothing."""
    code = await new_code(stage)
    await Vm(tmp_path / "node").enrol(code, stage.url)
    assert (await stage.admin("DELETE", "/admin/clients/rosa")).status == 204
    assert await Vm(tmp_path / "again").refused(code, stage.url) == "enrolment_code_unknown"


async def test_a_made_up_code_is_refused_and_counted(stage: Stage, tmp_path: Path) -> None:
    """Of the right form, and of this broker, but never made; after twenty a minute the address is refused."""
    true = EnrolmentCode.read(await new_code(stage))
    false = str(EnrolmentCode("x" * 43, true.broker))
    reasons = [await Vm(tmp_path / "node").refused(false, stage.url) for _ in range(21)]
    assert reasons == ["enrolment_code_unknown"] * 20 + ["too_many_requests"]


async def test_another_broker_gets_nothing(stage: Stage, tmp_path: Path) -> None:
    """A node whose code was made by another broker sends nothing, and makes nothing."""
    code = EnrolmentCode.read(await new_code(stage))
    with pytest.raises(OtherBrokerError):
        await Vm(tmp_path / "node").enrol(str(EnrolmentCode(code.secret, "0" * 32)), stage.url)
    assert not (tmp_path / "node").exists()
    assert (await stage.events())[0]["step"] == "admin.enrolment_code_made"


@contextlib.asynccontextmanager
async def _breaking(stage: Stage, *, after: bool) -> AsyncIterator[str]:
    """A way to the broker that breaks on enrolment, before the request or after it was answered."""

    async def passed(request: Request) -> Response:
        posted = request.method == "POST"
        if posted and not after:
            return Response(status_code=504)
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, stage.url + request.url.path, data=await request.body() or None,
                headers={"Content-Type": "application/json"} if posted else {},
            ) as answer,
        ):  # fmt: skip
            body = await answer.read()
        if posted:
            return Response(status_code=504)
        told = json.loads(body)
        told["broker_url"] = str(request.base_url).rstrip("/")
        return Response(json.dumps(told), media_type="application/json")

    routes = [Route("/{path:path}", passed, methods=["GET", "POST"])]
    async with serving(Starlette(routes=routes)) as url:
        yield url


@pytest.mark.parametrize("after", [False, True])
async def test_what_broke_half_way_is_repeated(stage: Stage, tmp_path: Path, after: bool) -> None:
    """The answer is lost before or after the broker took the node in: the same node ends with the same code."""
    code, vm = await new_code(stage), Vm(tmp_path / "node")
    async with _breaking(stage, after=after) as broken:
        there = identity_of(stage.broker).model_copy(update={"broker_url": broken})
        same = EnrolmentCode(EnrolmentCode.read(code).secret, EnrolmentCode.new(there).broker)
        assert await vm.refused(str(same), broken) == "broker_refused"
    made_keys = (tmp_path / "node" / SEALING_FILE).read_text()
    registered = await stage.admin("GET", "/admin/clients/rosa")
    assert registered.status == (200 if after else 404)

    made = await vm.enrol(code, stage.url)

    assert made.settings.company_name == "Rosa & Söhne"
    assert (tmp_path / "node" / SEALING_FILE).read_text() == made_keys
    assert (await clients.known(stage.broker, "rosa")).public_key == load_keys(tmp_path / "node").sealing.public_text()
    with pytest.raises(AlreadyInitializedError):
        await vm.enrol(code, stage.url)


async def test_what_broke_half_way_is_repeated_after_the_code_has_expired(stage: Stage, tmp_path: Path) -> None:
    """The node was registered and did not hear it: it ends with the same code; another learns who has the place."""
    code, vm = await new_code(stage), Vm(tmp_path / "node")
    async with _breaking(stage, after=True) as broken:
        there = identity_of(stage.broker).model_copy(update={"broker_url": broken})
        same = EnrolmentCode(EnrolmentCode.read(code).secret, EnrolmentCode.new(there).broker)
        assert await vm.refused(str(same), broken) == "broker_refused"
    stage.clock.advance(timedelta(days=2))

    with pytest.raises(BrokerError, match="freehold clients remove rosa") as refused:
        await Vm(tmp_path / "other").enrol(code, stage.url)
    made = await vm.enrol(code, stage.url)

    assert refused.value.code == "enrolment_code_used"
    assert made.settings.client_id == "rosa"
    assert (await clients.known(stage.broker, "rosa")).public_key == load_keys(tmp_path / "node").sealing.public_text()


async def test_the_database_is_made_once(stage: Stage, tmp_path: Path) -> None:
    """A crash between the database and the keyring is mended by the same command: there is one key of the broker."""
    code, vm = await new_code(stage), Vm(tmp_path / "node")
    await vm.enrol(code, stage.url)
    (tmp_path / "node" / KEYRING_FILE).unlink()
    await vm.enrol(code, stage.url)
    async with open_node(NodeSettings.load(tmp_path / "node")) as node, node.database.reading() as session:
        assert [key.name for key in await list_keys(session)] == ["broker"]


async def test_a_request_for_another_broker_cannot_be_read(stage: Stage) -> None:
    """Sealed to another key: refused, and nothing is looked up."""
    request = EnrolmentRequest.model_validate(
        {"code": "x" * 43, "request_id": "0" * 32, "vm_url": VM_URL, "success_url": VM_URL,
         "public_key": SealingKey.generate().public_text(), "vm_api_key": "fhvm_" + "k" * 43}
    )  # fmt: skip
    other = SealingKey.generate().public_text()
    sealed = crypto.to_text(crypto.seal(request.model_dump_json().encode(), other, ENROLMENT_REQUEST_INFO))
    answer = await stage.admin("POST", "/enrolments", {"version": 1, "sealed": sealed})
    assert (answer.status, answer.json()["code"]) == (400, "enrolment_unreadable")


async def run(folder: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    """`freehold …` as a process of its own."""
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "freehold.cli", *words, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder
    )
    out, err = await started.communicate(stdin.encode())
    return started.returncode or 0, out.decode(), err.decode()


@pytest.mark.parametrize("way", ["argument", "standard input", "file"])
async def test_the_commands(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """`freehold clients enrol` and `freehold node init --enrol`; the code is read from where the person wants."""
    monkeypatch.setenv("FREEHOLD_NODE_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("FREEHOLD_ADMIN_KEY", stage.admin_key)
    monkeypatch.setenv("FREEHOLD_BROKER_URL", stage.url)
    status, out, err = await run(tmp_path, "clients", "enrol", "rosa", "--company", "Rosa", "--hours", "2", "--json")
    assert status == 0, err
    code = json.loads(out)["code"]
    (tmp_path / "code").write_text(code + "\n")
    given = {"argument": ("--enrol", code), "standard input": ("--enrol", "-"), "file": ("--enrol-file", "code")}[way]
    node = ("node", "init", *given, "--broker-url", stage.url, "--vm-url", VM_URL, "--data", "node",
            "--public-url", "https://node.example", "--json")  # fmt: skip
    status, out, err = await run(tmp_path, *node, stdin=code + "\n")
    assert status == 0, err
    told = json.loads(out)
    assert (told["client"], told["company"]) == ("rosa", "Rosa")
    assert told["broker_signing_key"] == crypto.fingerprint(stage.broker.keys.signing.public_text())
    assert EnrolmentCode.read(code).secret not in out + err
    status, out, err = await run(tmp_path, *node, stdin=code + "\n")
    assert status == 1
    assert "holds a node already" in err


async def test_a_word_that_is_no_code_is_told(stage: Stage, tmp_path: Path) -> None:
    """One clear line, and nothing is made."""
    status, _, err = await run(
        tmp_path, "node", "init", "--enrol", "rosa", "--broker", stage.url, "--vm-url", VM_URL, "--data", "node",
        "--public-url", "https://node.example",
    )  # fmt: skip
    assert (status, "no enrolment code" in err, (tmp_path / "node").exists()) == (1, True, False)
