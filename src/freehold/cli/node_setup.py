"""`freehold node init|set-broker-key`: make a node, and give it the broker's new key."""

from typing import Annotated

import typer

from freehold.cli.output import AsJson, Data, guarded, print_facts, print_json
from freehold.kernel import crypto
from freehold.node import initialization
from freehold.node.settings import NodeSettings


def register(group: typer.Typer) -> None:
    """Put these commands below `freehold node`."""
    group.command()(init)
    group.command("set-broker-key")(set_broker_key)


@guarded
async def init(
    data: Data,
    client_id: Annotated[str, typer.Option(help="The client's id at the broker, in lower case.")],
    company: Annotated[str, typer.Option(help="The company's name, as people read it.")],
    broker: Annotated[str, typer.Option(help="The broker's address.")],
    vm_url: Annotated[str, typer.Option(help="The origin at which the broker reaches port 3006.")],
    public_url: Annotated[str, typer.Option(help="The origin at which people reach the pages of port 3007.")],
    receiver_port: Annotated[int, typer.Option(help="0 takes a free port.")] = 3006,
    workflows_port: Annotated[int, typer.Option(help="0 takes a free port.")] = 3007,
    as_json: AsJson = False,
) -> None:
    """Make a node's keys, settings and database, and the registration for the broker's operator.

    Every other setting is read from the environment (FREEHOLD_NODE_...) and kept in the folder's node.env.
    """
    settings = NodeSettings(
        data_dir=data,
        client_id=client_id,
        company_name=company,
        public_url=public_url,
        receiver_port=receiver_port,
        workflows_port=workflows_port,
    )
    made = await initialization.initialize(settings, broker, vm_url)
    facts = {
        "registration": str(made.registration),
        "broker": made.broker.broker_url,
        "broker_signing_key": crypto.fingerprint(made.broker.signing_key),
        "broker_sealing_key": crypto.fingerprint(made.broker.sealing_key),
        "next": "compare both fingerprints with `freehold broker keys`, then give the registration to the operator",
    }
    print_facts(facts, as_json=as_json)


@guarded
async def set_broker_key(
    data: Data,
    key: Annotated[str, typer.Option(prompt="The new key", hide_input=True, help="Better typed when it is asked for.")],
) -> None:
    """Take the key that `freehold clients rotate-key` showed; restart the node afterwards."""
    await initialization.replace_broker_key(NodeSettings.load(data), key.strip())
    print_json({"replaced": True, "next": "restart the node"})
