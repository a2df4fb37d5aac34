"""Judges every connection of a child process, whichever library makes it.

Some libraries open connections of their own, in several ways. So the guard is where all of them have to pass: an audit
hook (`sys.addaudithook`), which no code can take away again, sees the resolved address of each connection before it is
made. That holds for names whose answer changes and for redirects too.
"""

import ipaddress
from typing import Any

from freehold.kernel.addresses import AddressPolicy, AddressRefusedError

FORBIDDEN = frozenset({
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "pty.spawn", "socket.sendmsg", "socket.sendto",
    "subprocess.Popen",
})  # fmt: skip
"""What such a process never needs."""


class ConnectionGuard:
    """Refuses every connection that `policy` does not allow, or that is not encrypted outside allowed networks.

    Whoever installs it says whether what speaks over the connections encrypts (`encrypted`). `refusal` is why the last
    one was refused, empty for none: libraries tend to hide it.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self.encrypted = True
        self.refusal = ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook; raises `AddressRefusedError`."""
        if event in FORBIDDEN:
            raise AddressRefusedError("refused", f"{event} is not needed here")
        if event == "socket.connect":
            try:
                self._check(arguments[1])
            except AddressRefusedError as error:
                self.refusal = f"this address may not be reached: {error.reason}"
                raise

    def _check(self, target: Any) -> None:
        try:
            address, port = ipaddress.ip_address(str(target[0]).partition("%")[0]), int(target[1])
        except (ValueError, TypeError, IndexError) as error:
            raise AddressRefusedError("address_refused", "only resolved addresses are connected to") from error
        if not self.encrypted and not self._policy.allows(address):
            raise AddressRefusedError("not_encrypted", "without encryption only allowed networks are reached")
        self._policy.check_address(address, port)
