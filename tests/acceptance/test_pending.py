"""A connection without a personal link waits for the node's owner, who accepts it at the command line."""

import pytest

from freehold.demo import client, walk
from freehold.demo.platform import Platform, run_command
from freehold.demo.processes import StartError

pytestmark = pytest.mark.xdist_group("platform")


async def test_a_bare_link_waits_for_the_owner(running: Platform) -> None:
    """Nothing is collected before; afterwards the broker knows the person, whose next bare link is active at once."""
    node = running.nodes[0]
    data = str(node.data_dir)
    bare = f"{running.broker_url}/auth/meta?client_id={node.member.client_id}"

    async def authorise() -> walk.Page:
        async with walk.new_session(running.broker_url, node.pages_url) as session:
            return await walk.connect(walk.Walker(session), bare, node.member.person, client.consent(node.member))

    page = await authorise()
    assert "your agency confirms it" in page.html
    with pytest.raises(StartError):
        await run_command(["node", "collect", "--data", data, "--days", "1"])
    with pytest.raises(StartError, match="act_1"):
        await run_command(["node", "confirm", "--data", data, node.member.assets[0], "act_1"])
    await run_command(["node", "confirm", "--data", data, *node.member.assets])
    done = await run_command(["node", "collect", "--data", data, "--days", "1"])
    assert done["failures"] == {}
    page = await authorise()
    assert "Which of these belong" in page.html
    async with running.operator() as operator:
        (connection,) = [each for each in await operator.connections() if each["client_id"] == node.member.client_id]
    assert connection["status"] == "active"
    await run_command(["node", "confirm", "--data", data, "--none"])
    with pytest.raises(StartError):
        await run_command(["node", "collect", "--data", data, "--days", "1"])
