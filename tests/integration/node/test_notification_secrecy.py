"""No token, password, caption or text of Meta's errors is in a notification, in its tables, or in the logs."""

import contextlib
import io
import json
from datetime import timedelta

from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.conftest import MakeNode
from tests.integration.node.conftest import Stage
from tests.integration.node.sinks import HttpSink, mail_sink
from tests.meta_sandbox import CERAMICS_ADS

from freehold.demo.marks import Place, search
from freehold.kernel import logs
from freehold.kernel.addresses import AddressPolicy
from freehold.node.alerts.tables import open_alerts
from freehold.node.alerts.watch import watch
from freehold.node.app import create_app
from freehold.node.governor import Priority
from freehold.node.notifications.outbox import Delivered, deliver_due
from freehold.node.notifications.tables import notification_deliveries, notifications
from freehold.node.notifications.targets import keep_target, new_target
from freehold.providers.calls import ApiCall, ProviderError

TOKEN, PASSWORD, ERROR = "TOKENMARK7731", "PASSWORDMARK7732", "ERRORMARK7733"
MARKS = {"token": TOKEN, "password": PASSWORD, "error": ERROR}


async def failed(stage: Stage, times: int, **error: int) -> None:
    """Have Meta refuse calls, with its words marked."""
    stage.meta.fault("error", message=f"caption {ERROR} {TOKEN}", count=times, **error)
    about = ApiCall("GET", f"/v26.0/{CERAMICS_ADS}", {"fields": "id"}, asset_id=CERAMICS_ADS)
    for _ in range(times):
        with contextlib.suppress(ProviderError):
            await stage.node.governor.send(about, Priority.INTERACTIVE)


async def test_no_mark_is_in_what_is_told_or_kept(make_node: MakeNode, database_url: str, serve: Serve) -> None:
    """Through failing and throttled calls, a revoked token, and targets that take and targets that do not."""
    lines = io.StringIO()
    logs.configure("node", lines)
    meta = await meta_sandbox.start(serve, mark=TOKEN)
    opened = await make_node(graph_url=meta.url, clock=meta.clock, database_url=database_url)
    stage = Stage(opened, await serve(create_app(opened.node, "workflows")), meta)
    grant = await stage.connect()
    assert TOKEN in grant.access_token.get_secret_value()
    good, bad, folder = HttpSink(), HttpSink(status=500), stage.node.settings.data_dir

    async with mail_sink() as mail:
        urls = {
            "mail": f"mailto://127.0.0.1:{mail.port}/?from=a@rosa.example&to=b@rosa.example&pass={PASSWORD}",
            "nomail": f"mailtos://u:{PASSWORD}@127.0.0.1:{mail.port}/?from=a@rosa.example&to=b@rosa.example",
            "hook": f"{await serve(good.app())}/hook",
            "chat": f"gotify://{(await serve(bad.app())).removeprefix('http://')}/{PASSWORD}",
        }
        for name, url in urls.items():
            keep_target(folder, new_target(name, url, AddressPolicy.of("127.0.0.0/8")))
        await failed(stage, 25, code=100)
        await watch(stage.node)
        stage.clock.advance(timedelta(hours=40))
        await failed(stage, 1, code=80004, subcode=2446079)
        await watch(stage.node)
        stage.clock.advance(timedelta(hours=3))
        await failed(stage, 1, code=190, subcode=460)
        await watch(stage.node)
        while await deliver_due(stage.node) != Delivered(sent=0, failed=0):
            pass
        mails = b"\n".join(message.as_bytes() for message in mail.messages)

    told = {body["kind"] for _, body in good.taken}
    assert told == {"api_errors", "collection_stuck", "authorisation_ended"}
    tables = [await stage.rows(table) for table in (notifications, notification_deliveries, open_alerts)]
    assert "HTTP status 500" in str(tables)
    contents = {
        "tables": json.dumps(tables, default=str).encode(),
        "mails": mails,
        "bodies": json.dumps(good.taken).encode(),
        "logs": lines.getvalue().encode(),
    }
    assert all(contents.values())
    assert search(MARKS, [Place("notifications", "node", contents)]) == []
