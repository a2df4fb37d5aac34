"""`freehold node notify` at the command line: targets are added, tried, shown without their addresses, and removed."""

import json
from typing import Any

from tests.acceptance.programs import freehold
from tests.conftest import Serve
from tests.integration.node.conftest import Stage
from tests.integration.node.sinks import HttpSink, mail_sink

from freehold.kernel.addresses import AddressPolicy
from freehold.node.diagnosis import diagnose
from freehold.node.notifications.notice import Notice
from freehold.node.notifications.outbox import deliver_due, tell
from freehold.node.notifications.targets import keep_target, load_targets, new_target


async def test_the_operator_adds_tries_and_removes_targets(stage: Stage, serve: Serve) -> None:
    """A test message arrives by mail and by webhook; what fails says why; nothing shows an address."""
    hook, broken = HttpSink(), HttpSink(status=500)
    where = {"FREEHOLD_NODE_DATA_DIR": str(stage.node.settings.data_dir)}

    async def run(*arguments: str) -> tuple[int, str]:
        status, out, err = await freehold("node", "notify", *arguments, environment=where)
        assert "Traceback" not in err
        assert "secret-path" not in out + err
        return status, out + err

    bad = new_target("broken", f"{await serve(broken.app())}/secret-path", AddressPolicy.of("127.0.0.0/8"))
    keep_target(stage.node.settings.data_dir, bad)
    async with mail_sink() as mail:
        address = f"mailto://127.0.0.1:{mail.port}/?from=a@rosa.example&to=b@rosa.example&pass=secret-path"
        assert (await run("add", "mail", "--url", address))[0] == 0
        assert (await run("add", "hook", "--url", f"{await serve(hook.app())}/secret-path"))[0] == 0
        assert (await run("add", "nonsense", "--url", "slack://secret-path"))[0] == 1
        status, out = await run("test", "--json")

    tried: dict[str, Any] = {row["name"]: row for row in json.loads(out)}
    assert status == 1
    assert {name: row["error"] for name, row in tried.items()} == {
        "mail": None,
        "hook": None,
        "broken": "it answered with HTTP status 500",
    }
    assert len(mail.messages) == len(hook.taken) == 1
    assert (await run("remove", "broken"))[0] == 0
    listed = json.loads((await run("list", "--json"))[1])
    nothing: dict[str, Any] = {"topics": [], "least": "info", "at_once": "info", "quiet": None}
    assert listed == [{"name": "mail", "way": "mailto"} | nothing, {"name": "hook", "way": "http"} | nothing]


async def test_the_operator_chooses_what_a_target_is_told(stage: Stage) -> None:
    """One wish at a time, the address unchanged; what cannot be meant is refused in words."""
    folder = stage.node.settings.data_dir
    keep_target(folder, new_target("hook", "http://127.0.0.1/secret-path", AddressPolicy.of("127.0.0.0/8")))

    async def wants(*arguments: str) -> tuple[int, str]:
        status, out, err = await freehold("node", "notify", "wants", *arguments, "--json", "--data", str(folder))
        assert "secret-path" not in out + err
        assert "Traceback" not in err
        return status, out + err

    assert (await wants("hook", "--about", "ads", "--about", "node", "--least", "warning"))[0] == 0
    status, out = await wants("hook", "--quiet", "22:00-07:00 Europe/Berlin", "--at-once", "critical")
    assert status == 0
    (kept,) = load_targets(folder)
    assert json.loads(out) == {"name": "hook", "way": "http"} | kept.wishes.model_dump(mode="json")
    assert kept.url.get_secret_value() == "http://127.0.0.1/secret-path"
    assert (kept.wishes.topics, str(kept.wishes.quiet)) == (("ads", "node"), "22:00-07:00 Europe/Berlin")
    assert (await wants("hook", "--about", "all", "--quiet", "none"))[0] == 0
    (kept,) = load_targets(folder)
    assert (kept.wishes.topics, kept.wishes.quiet, kept.wishes.at_once) == ((), None, "critical")
    assert (await wants("hook", "--about", "weather"))[0] == 1
    assert "Europe/Berlin" in (await wants("hook", "--quiet", "at night"))[1]
    assert (await wants("nobody"))[0] == 1


async def test_log_and_doctor_name_what_did_not_arrive(stage: Stage, serve: Serve) -> None:
    """What waits to be tried again is seen by the operator, with its cause."""
    broken, folder = HttpSink(status=500), stage.node.settings.data_dir
    keep_target(folder, new_target("hook", f"{await serve(broken.app())}/hook", AddressPolicy.of("127.0.0.0/8")))
    async with stage.node.database.writing() as session:
        notice = Notice("k", "throttled", "warning", "A title", "Words.")
        await tell(session, notice, load_targets(folder), stage.clock.now())
    await deliver_due(stage.node)

    checks = {check.name: check for check in await diagnose(stage.node.settings, ask_meta=False)}
    _, out, _ = await freehold("node", "notify", "log", "--json", "--data", str(folder))
    assert not checks["notifications"].passed
    assert "hook" in checks["notifications"].detail
    ((row),) = json.loads(out)
    assert (row["title"], row["target"], row["sent_at"]) == ("A title", "hook", None)
    assert row["last_error"] == "it answered with HTTP status 500"
