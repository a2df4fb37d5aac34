"""GET /health, /ready, /metrics, the broker's identity, and the one stylesheet of its pages."""

from importlib import resources

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from freehold.broker.access.keys import limit_public
from freehold.broker.context import OpenBroker
from freehold.broker.health.checks import check_database, check_redis
from freehold.broker.identity import identity_of
from freehold.contracts.registration import BrokerIdentity
from freehold.kernel.problem_responses import problem_responses

router = APIRouter(tags=["Health"])

_STYLES = resources.files("freehold.broker.pages").joinpath("static/freehold.css").read_bytes()


@router.get("/health")
async def health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get("/ready", responses=problem_responses(429, 503), dependencies=[Depends(limit_public)])
async def ready(broker: OpenBroker) -> dict[str, str]:
    """Database and Redis answer; otherwise 503 says which does not."""
    await check_database(broker)
    await check_redis(broker)
    return {"status": "ok"}


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(broker: OpenBroker) -> Response:
    """Counts for Prometheus; without client ids."""
    return Response(generate_latest(broker.metrics), media_type=CONTENT_TYPE_LATEST)


@router.get("/.well-known/freehold-broker.json")
async def identity(broker: OpenBroker) -> BrokerIdentity:
    """The broker's public keys, to be pinned by a node when it is made."""
    return identity_of(broker)


@router.get("/static/freehold.css", response_class=Response, responses={200: {"content": {"text/css": {}}}})
async def styles() -> Response:
    """How the pages look."""
    return Response(_STYLES, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/", include_in_schema=False)
async def root() -> Response:
    """What this is."""
    return JSONResponse({"service": "freehold broker", "api": "/openapi.json"})
