"""What the sending process may reach, and what it makes of an address."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from apprise.plugins.email.base import NotifyEmail
from tests.conftest import Serve
from tests.integration.node.sinks import HttpSink, MailSink, mail_sink

from freehold.kernel.addresses import PORTS, AddressPolicy, AddressRefusedError
from freehold.kernel.connection_guard import ConnectionGuard
from freehold.node.notifications import outbox
from freehold.node.notifications.courier import MAIL_PORTS, Statuses, deliver, open_target, readers_of
from freehold.node.notifications.notice import patience
from freehold.node.notifications.send import LETTER_SECONDS

PUBLIC = "93.184.216.34"
MAIL = "mail.example.com?from=a@example.com&user=u&pass=p&to=b@example.com"
LETTER = {
    "key": "k", "title": "A title", "text": "Words.", "severity": "info", "at": "2026-11-25T10:00:00+00:00", "had": [],
}  # fmt: skip


async def test_long_words_reach_services_in_pieces(serve: Serve) -> None:
    """A digest is longer than what most chats take at once: nothing of it is cut off, and nothing is too long."""
    sink = HttpSink()
    address = await serve(sink.app())
    channels, _ = open_target(f"ntfy://{address.removeprefix('http://')}/ours", encrypted_schema=False)
    (made,) = channels.values()
    words = "\n".join(f"Line {number} of a digest: {'word ' * 40}" for number in range(90))
    told = await asyncio.to_thread(deliver, channels, {**LETTER, "text": words}, "node", guard(), Statuses())
    assert not told["error"]
    pieces = [body["message"] for _, body in sink.taken]
    assert max(map(len, pieces)) <= made.body_maxlen
    assert "".join("".join(pieces).split()) == "".join(words.split())


def guard(*networks: str, encrypted: bool = True) -> ConnectionGuard:
    """A guard as the process makes it."""
    made = ConnectionGuard(AddressPolicy.of(*networks, ports=PORTS | MAIL_PORTS))
    made.encrypted = encrypted
    return made


def refuses(made: ConnectionGuard, address: object) -> bool:
    """Whether a connection to `address` is refused."""
    try:
        made("socket.connect", (None, address))
    except AddressRefusedError:
        return True
    return False


@pytest.mark.parametrize("port", [443, 587, 465])
def test_public_addresses_are_reached_where_services_listen(port: int) -> None:
    """Over HTTPS and the ports of mail."""
    assert not refuses(guard(), (PUBLIC, port))


@pytest.mark.parametrize(
    "address",
    [
        (PUBLIC, 22),
        ("10.0.0.1", 443),
        ("::ffff:127.0.0.1", 443, 0, 0),
        ("fe80::1%eth0", 443, 0, 2),
        ("169.254.169.254", 443),
        ("example.com", 443),
        "/run/docker.sock",
        b"\0abstract",
        (),
        None,
    ],
)
def test_everything_else_is_refused(address: object) -> None:
    """Other ports, private addresses in every form, names that nobody has resolved, and sockets of this machine."""
    assert refuses(guard(), address)


def test_without_encryption_only_allowed_networks_are_reached() -> None:
    """What goes out in the clear stays in networks that were named."""
    plain = guard("10.0.0.0/8", encrypted=False)

    assert refuses(plain, (PUBLIC, 587))
    assert not refuses(plain, ("10.1.2.3", 25))
    assert not refuses(guard("10.0.0.0/8"), (PUBLIC, 587))


@pytest.mark.parametrize("event", ["subprocess.Popen", "os.system", "os.posix_spawn", "socket.sendto"])
def test_what_sending_never_needs_is_refused(event: str) -> None:
    """No program is started and no datagram sent."""
    with pytest.raises(AddressRefusedError):
        guard()(event, ())


@pytest.mark.parametrize(
    ("url", "schema_encrypts", "encrypted"),
    [
        (f"mailtos://{MAIL}", True, True),
        (f"mailtos://{MAIL}&mode=ssl", True, True),
        (f"mailtos://{MAIL}&mode=insecure", True, False),
        (f"mailto://{MAIL}", False, False),
    ],
)
def test_mail_that_is_told_to_speak_plainly_counts_as_plain(url: str, schema_encrypts: bool, encrypted: bool) -> None:
    """An encrypted schema alone is not believed."""
    assert open_target(url, encrypted_schema=schema_encrypts)[1] is encrypted


def test_what_an_address_says_of_redirects_and_certificates_is_overruled() -> None:
    """Neither can be loosened by whoever writes the address."""
    opened, _ = open_target("gotifys://gotify.example.com/token?redirect=yes&verify=no&rto=900", encrypted_schema=True)
    (made,) = opened.values()

    assert (made.redirects, made.verify_certificate, made.socket_read_timeout) == (False, True, 15.0)


def test_a_batch_is_over_before_another_process_may_take_it() -> None:
    """Even when all of it goes to one target that takes all the time that it is given."""
    letter = LETTER_SECONDS + patience(1000)
    assert timedelta(seconds=LETTER_SECONDS + outbox.BATCH * letter) < outbox.LEASE


async def test_when_time_is_up_no_further_reader_is_begun() -> None:
    """Being ended in the midst would have those who got it get it again."""
    times = iter(range(0, 1000, 50))
    async with mail_sink() as sink:
        readers = ",".join(f"{name}@rosa.example" for name in "abcd")
        url = f"mailto://127.0.0.1:{sink.port}/?from=node@rosa.example&to={readers}"
        opened, _ = open_target(url, encrypted_schema=False)
        clock = partial(next, map(float, times))
        told = await asyncio.to_thread(deliver, opened, LETTER, "rosa", guard(), Statuses(), clock)
    assert (len(told["had"]), len(sink.messages), readers_of(opened)) == (2, 2, 4)
    assert told["error"] == "2 of 4 readers did not get it so far"


async def test_a_reader_whose_server_breaks_the_connection_keeps_no_other_from_getting_it() -> None:
    """Those who come after get it over a connection of their own, in the same attempt."""
    told, sink = await mailed("to=a@rosa.example,broken@rosa.example,c@rosa.example,d@rosa.example")
    assert told["had"] == ["a@rosa.example", "c@rosa.example", "d@rosa.example"]
    assert told["error"] == "1 of 4 readers did not get it so far"
    assert sink.connections == 2


async def test_whoever_is_named_twice_gets_one_message() -> None:
    """The one that is addressed to them."""
    told, sink = await mailed("to=a@rosa.example,b@rosa.example&cc=b@rosa.example&bcc=a@rosa.example,c@rosa.example")
    assert [(message["To"], *readers) for message, readers in zip(sink.messages, sink.readers, strict=True)] == [
        ("a@rosa.example", "a@rosa.example"),
        ("b@rosa.example", "b@rosa.example"),
        ("a@rosa.example", "c@rosa.example"),
    ]
    assert (len(told["had"]), told["error"], told["readers"]) == (3, "", 3)


async def mailed(readers: str) -> tuple[dict[str, Any], MailSink]:
    """What came of one letter to `readers`, also how many they are, and the server that it was sent to."""
    async with mail_sink() as sink:
        opened, _ = open_target(
            f"mailto://127.0.0.1:{sink.port}/?from=node@rosa.example&{readers}", encrypted_schema=False
        )
        told = await asyncio.to_thread(deliver, opened, LETTER, "rosa", guard(), Statuses())
    return told | {"readers": readers_of(opened)}, sink


@pytest.mark.parametrize(
    ("url", "channels"),
    [
        ("slack://TOKENA123/TOKENB123/abcdefghijklmnopqrstuvwx/#ads/#general", ["#ads", "#general"]),
        ("tgram://123456789:abcdefg_hijklmnop/-10012/12315544", ["-10012", "12315544"]),
        ("mmosts://chat.example.com/token?channels=b,a", ["a", "b"]),
        ("matrixs://user:pass@chat.example.com/#room/!abc:host", ["!abc:host", "#room"]),
        (f"mailtos://{MAIL},c@example.com&pgp=encrypt", ["b@example.com", "c@example.com"]),
        (f"mailtos://{MAIL},c@example.com", [""]),
        ("signals://chat.example.com/+15551112222/+15553334444/+15553334445?batch=yes", [""]),
        ("slack://TOKENA123/TOKENB123/abcdefghijklmnopqrstuvwx/", [""]),
        ("slack://nonsense", []),
    ],
)
def test_channels_are_told_apart_where_each_is_sent_to_by_itself(url: str, channels: list[str]) -> None:
    """What one of them did not take is tried again there alone; what takes all at once is one."""
    assert list(open_target(url, encrypted_schema=True)[0]) == channels


def test_copies_go_with_the_first_channel() -> None:
    """Whoever is copied gets one copy, whatever the number of readers."""
    opened, _ = open_target(f"mailtos://{MAIL},c@example.com&pgp=encrypt&cc=boss@example.com", encrypted_schema=True)
    assert [len(made.cc) for made in opened.values() if isinstance(made, NotifyEmail)] == [1, 0]
