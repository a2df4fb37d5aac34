"""Two brokers over one PostgreSQL and one Redis, and what happens when one of the stores is away."""

import asyncio
import os
import signal

import pytest
from tests.integration.broker.conftest import Answer, Stage
from tests.integration.broker.test_delivery import form_of

from freehold.demo.databases import RedisServer


@pytest.fixture
def stage_database(postgres_url: str) -> str:
    """PostgreSQL."""
    return postgres_url


@pytest.fixture
def redis_of_broker(redis_url: str) -> str:
    """Redis."""
    return redis_url


async def test_a_flow_begun_at_one_replica_ends_at_the_other(stage: Stage) -> None:
    """State, links and clients are shared; nothing is in a process's memory."""
    node = await stage.add_client()
    other = await stage.replica()
    begun = await stage.to_callback(await stage.link())

    done = await stage.browser.get(begun.replace(stage.url, other))
    again = await stage.browser.get(begun)

    assert (done.status, again.status) == (303, 400)
    assert len(node.grants) == 1


async def test_of_many_who_answer_at_once_one_is_served(stage: Stage) -> None:
    """State is taken by one atomic operation, whichever replica asks."""
    node = await stage.add_client()
    other = await stage.replica()
    callback = await stage.to_callback(await stage.link())
    cookies = dict(stage.browser.cookies)

    async def answer(url: str) -> Answer:
        person = await stage.new_browser()
        person.cookies = dict(cookies)
        return await person.get(url)

    answers = await asyncio.gather(*(answer(callback.replace(stage.url, [stage.url, other][i % 2])) for i in range(8)))

    assert sorted(each.status for each in answers) == [303, *[400] * 7]
    assert len(node.grants) == 1


async def test_of_many_who_press_the_button_one_uses_the_link(stage: Stage) -> None:
    """A connect link is consumed by one atomic operation."""
    await stage.add_client()
    other = await stage.replica()
    pages = [await stage.browser.get((await_link).replace(stage.url, url)) for await_link in [await stage.link()]
             for url in (stage.url, other) for _ in range(3)]  # fmt: skip
    forms = [form_of(page) for page in pages]

    async def press(url: str, form: dict[str, str]) -> int:
        return (await (await stage.new_browser()).post(f"{url}/auth/meta", form, Origin=stage.url)).status

    statuses = await asyncio.gather(
        *(press(url, form) for url, form in zip([stage.url, other] * 3, forms, strict=True))
    )

    assert sorted(statuses) == [303, *[410] * 5]


async def test_the_other_replica_delivers_an_envelope_that_a_page_holds(stage: Stage) -> None:
    """Any replica forwards what the broker signed."""
    node = await stage.add_client()
    other = await stage.replica()
    node.answers.extend([503] * 20)
    page = await stage.connect()
    node.answers.clear()

    done = await stage.browser.post(f"{other}/deliveries", form_of(page), Origin=stage.url)

    assert done.status == 303
    assert len(node.grants) == 1


async def test_limits_are_counted_together(stage: Stage) -> None:
    """Wrong keys at one replica count at the other."""
    other = await stage.replica()
    statuses = []
    for url in [stage.url, other] * 12:
        stage.url, kept = url, stage.url
        statuses.append((await stage.admin("GET", "/admin/stats", key="wrong")).status)
        stage.url = kept

    assert statuses.count(401) == 20
    assert statuses[-1] == 429


async def test_redis_away_gives_503_with_a_reason_and_recovers_by_itself(
    stage: Stage, redis_server: RedisServer
) -> None:
    """While Redis stands still, people and programs are told so; afterwards everything works again."""
    node = await stage.add_client()
    link = await stage.link()
    os.kill(redis_server.process.pid, signal.SIGSTOP)
    try:
        page, ready, health = [
            await stage.browser.get(url, Accept=accept)
            for url, accept in ((link, "text/html"), (f"{stage.url}/ready", "*/*"), (f"{stage.url}/health", "*/*"))
        ]
    finally:
        os.kill(redis_server.process.pid, signal.SIGCONT)

    assert (page.status, ready.status, health.status) == (503, 503, 200)
    assert "redis_unavailable" in page.text
    assert ready.json()["code"] == "redis_unavailable"
    assert "Retry-After" in page.headers
    done = await stage.browser.get(await stage.to_callback(link))
    assert done.status == 303
    assert len(node.grants) == 1
