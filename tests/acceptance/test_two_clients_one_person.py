"""An agency's employee serves two clients with one Facebook account."""

import pytest

from freehold.demo import client, walk
from freehold.demo.forms import Form
from freehold.demo.platform import NodeProcess, Platform, run_command
from freehold.demo.processes import StartError

AGENCY_EMPLOYEE = "10220000000000006"
pytestmark = pytest.mark.xdist_group("platform")


async def connect_as_employee(running: Platform, node: NodeProcess) -> None:
    """Authorise this client's assets, and no other's, as the agency's employee."""
    link = await running.connect_link(node.member.client_id)
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        walker = walk.Walker(session)
        picker = await walk.connect(walker, link, AGENCY_EMPLOYEE, client.consent(node.member))
        assert offered(picker.form()) == set(node.member.assets)
        await walker.submit(client.choice(node.member)(picker.form()))


def offered(form: Form) -> set[str]:
    """The assets that the node's page offers."""
    return set(form.choices("asset"))


async def test_neither_client_reads_the_other_and_the_break_is_told(running: Platform) -> None:
    """The second selection replaces the first at Meta, which then refuses the first node; neither reads the other's,
    and the broker has warned of it in both clients' events.
    """
    first, second = running.nodes
    await connect_as_employee(running, first)
    before = await run_command(["node", "collect", "--data", str(first.data_dir), "--days", "1"])
    assert before["failures"] == {}
    await connect_as_employee(running, second)
    done = await run_command(["node", "collect", "--data", str(second.data_dir), "--days", "1"])
    assert done["failures"] == {}
    async with running.operator() as operator:
        warned = {
            (event["client_id"], event["reason"])
            for event in await operator.events(limit=200)
            if event["outcome"] == "warned"
        }
    assert (second.member.client_id, "user_serves_other_client") in warned
    assert (first.member.client_id, "grant_replaced_elsewhere") in warned
    for node in (first, second):
        assert {asset["asset_id"] for asset in await client.assets(node)} == set(node.member.assets)
    with pytest.raises(StartError, match="assets could not be read whole"):
        await run_command(["node", "collect", "--data", str(first.data_dir), "--days", "1"])
