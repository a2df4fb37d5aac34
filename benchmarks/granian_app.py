"""The broker as granian loads it, to compare that server with uvicorn; the folder is named by the environment."""

import os
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from freehold.broker.app import create_app
from freehold.broker.context import open_broker
from freehold.broker.settings import BrokerSettings
from freehold.kernel import logs

_opened: list[ASGIApp] = []


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Opens the broker for as long as the server runs."""
    if scope["type"] != "lifespan":
        await _opened[0](scope, receive, send)
        return
    logs.configure("broker")
    async with open_broker(BrokerSettings.load(Path(os.environ["FREEHOLD_BROKER_DATA_DIR"]))) as broker:
        _opened.append(create_app(broker))
        await _opened[0](scope, receive, send)
