"""`freehold node init|set-broker-key`: make a node, and give it the broker's new key."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from freehold.cli.output import AsJson, Data, fail, guarded, print_facts, print_json
from freehold.contracts.registration import BrokerIdentity, EnrolmentCode, EnrolmentCodeError
from freehold.kernel import crypto
from freehold.node import enrolment, initialization
from freehold.node.enrolment import NewPlace
from freehold.node.settings import NodeSettings

STANDARD_INPUT = "-"


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(init)
    group.command("set-broker-key")(set_broker_key)


@guarded
async def init(
    data: Data,
    broker: Annotated[str, typer.Option("--broker", "--broker-url", help="The broker's address.")],
    vm_url: Annotated[str, typer.Option(help="The origin at which the broker reaches port 3006.")],
    public_url: Annotated[str, typer.Option(help="The origin at which people reach the pages of port 3007.")],
    client_id: Annotated[str | None, typer.Option(help="The client's id at the broker, in lower case.")] = None,
    company: Annotated[str | None, typer.Option(help="The company's name, as people read it.")] = None,
    enrol: Annotated[
        str | None,
        typer.Option(help='A code of `freehold clients enrol`; better "-", which asks for it or reads standard input.'),
    ] = None,
    enrol_file: Annotated[Path | None, typer.Option(exists=True, help="The file that holds the code.")] = None,
    receiver_port: Annotated[int, typer.Option(help="0 takes a free port.")] = 3006,
    workflows_port: Annotated[int, typer.Option(help="0 takes a free port.")] = 3007,
    as_json: AsJson = False,
) -> None:
    """Make a node's keys, settings and database, and register it: by a code, or by a file for the broker's operator.

    With a code, client and company are those that the code was made for, and what broke half way is repeated with the
    same command. Every other setting is read from the environment (FREEHOLD_NODE_...) and kept in node.env.
    """
    chosen = {
        "data_dir": data, "public_url": public_url, "receiver_port": receiver_port, "workflows_port": workflows_port,
    }  # fmt: skip
    if enrol is not None or enrol_file is not None:
        facts = await _enrolled(_code(enrol, enrol_file), broker, vm_url, client_id, chosen)
    elif client_id is not None and company is not None:
        new = await initialization.initialize(_settings(chosen, client_id, company), broker, vm_url)
        following = "compare both fingerprints with `freehold broker keys`, then give the registration to the operator"
        facts = {"registration": str(new.registration), **_told(new.broker, following)}
    else:
        raise fail("The client is not named.", "Give --enrol with a code of the broker, or --client-id and --company.")
    print_facts(facts, as_json=as_json)


async def _enrolled(
    code: EnrolmentCode, broker: str, vm_url: str, client_id: str | None, chosen: dict[str, Any]
) -> dict[str, str]:
    """Make a node and register it by a code; gives what is told of it."""
    addresses = _settings(chosen, "unknown", "unknown").addresses()
    place = NewPlace(chosen["data_dir"], vm_url, chosen["public_url"], addresses, client_id)
    made = await enrolment.enrol(
        place, broker, code, lambda reply: _settings(chosen, reply.client_id, reply.company_name)
    )
    about = {"client": made.settings.client_id, "company": made.settings.company_name}
    return {**about, **_told(made.broker, f"freehold node serve --data {chosen['data_dir']}")}


def _settings(chosen: dict[str, Any], client_id: str, company: str) -> NodeSettings:
    return NodeSettings(client_id=client_id, company_name=company, **chosen)


def _told(broker: BrokerIdentity, following: str) -> dict[str, str]:
    """The broker that was pinned, in a form that two people can compare, and what to do next."""
    return {
        "broker": broker.broker_url,
        "broker_signing_key": crypto.fingerprint(broker.signing_key),
        "broker_sealing_key": crypto.fingerprint(broker.sealing_key),
        "next": following,
    }


def _code(given: str | None, file: Path | None) -> EnrolmentCode:
    """The enrolment code, from wherever the person wants it read."""
    if file is not None:
        text = file.read_text(encoding="utf-8")
    elif given == STANDARD_INPUT:
        asked = sys.stdin.isatty()
        text = typer.prompt("The code", hide_input=True) if asked else sys.stdin.readline()
    else:
        text = given or ""
    try:
        return EnrolmentCode.read(text)
    except EnrolmentCodeError as error:
        raise fail("This is no enrolment code.", "Copy the whole code that `freehold clients enrol` showed.") from error


@guarded
async def set_broker_key(
    data: Data,
    key: Annotated[str, typer.Option(prompt="The new key", hide_input=True, help="Better typed when it is asked for.")],
) -> None:
    """Take the key that `freehold clients rotate-key` showed; restart the node afterwards."""
    await initialization.replace_broker_key(NodeSettings.load(data), key.strip())
    print_json({"replaced": True, "next": "restart the node"})
