"""Hosts on one switch, as network namespaces: each with an address, names that it knows, and programs."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from freehold.demo.processes import inherited_environment

NEEDED = {"ip": "iproute2", "nft": "nftables", "curl": "curl"}
START_SECONDS = 60
STOP_SECONDS = 20


def missing() -> str:
    """Why no hosts can be made here; empty when they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    packages = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if packages:
        return f"not installed: {', '.join(packages)}"
    probe = _name("probe")
    inside = ("ip", "netns", "exec", probe, "sh", "-c", "mount --bind /etc/hosts /etc/hosts && nft list ruleset")
    tried = _tried("ip", "netns", "add", probe)
    if not tried:
        tried = _tried(*inside)
        _run("ip", "netns", "del", probe)
    return tried and f"no hosts can be made here: {tried}"


def _tried(*words: str) -> str:
    """What a command complains of; empty when it succeeds."""
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    return done.stderr.strip() or f"{words[0]} failed" if done.returncode else ""


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status (0: nothing did), the body, and curl's own exit status."""

    status: int
    body: str
    exit: int


@dataclass(frozen=True)
class Host:
    """A host: the name of its namespace, its address, and the folder of its files."""

    name: str
    namespace: str
    address: str
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *words: str | Path) -> list[str]:
        """The words that run a program here, with this host's names in /etc/hosts."""
        bind = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["ip", "netns", "exec", self.namespace, "sh", "-c", bind, str(self.hosts_file), *map(str, words)]

    @property
    def hosts_file(self) -> Path:
        """Whom this host knows by name."""
        return self.folder / "hosts"

    def know(self, names: Mapping[str, str]) -> None:
        """Give addresses names (name -> address), beside those of the host itself."""
        with self.hosts_file.open("a", encoding="utf-8") as file:
            file.writelines(f"{address} {name}\n" for name, address in names.items())

    def run(
        self, *words: str | Path, environment: Mapping[str, str] | None = None, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program here to its end; raises `CalledProcessError` with its output."""
        done = subprocess.run(
            self.command(*words),
            env={**inherited_environment(), **(environment or {})},
            cwd=self.folder,
            input=typed,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def start(
        self, name: str, *words: str | Path, environment: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Path:
        """Start a program here that ends with the network at the latest; gives the file that it logs to."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as sink:
            self.running.append(
                subprocess.Popen(
                    self.command(*words),
                    env={**inherited_environment(), **(environment or {})},
                    cwd=cwd or self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                )
            )
        return log

    def curl(self, url: str, *options: str, authority: Path | None = None, seconds: int = 3) -> Answer:
        """Ask for `url` from here."""
        trusted = ("--cacert", str(authority)) if authority else ("--insecure",)
        shown = ("--write-out", "\n%{http_code}", "--max-time", str(seconds))
        done = subprocess.run(
            self.command("curl", "--silent", "--noproxy", "*", *trusted, *shown, *options, url),
            check=False,
            capture_output=True,
            text=True,
        )
        body, _, status = done.stdout.rpartition("\n")
        return Answer(int(status or 0), body, done.returncode)

    def wait_for(self, port: int, address: str = "127.0.0.1") -> None:
        """Wait until something listens; raises `TimeoutError`."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            probe = subprocess.run(
                self.command("curl", "--silent", "--max-time", "1", f"telnet://{address}:{port}"),
                stdin=subprocess.DEVNULL,
                check=False,
                capture_output=True,
            )
            if probe.returncode != 7:  # "failed to connect"
                return
            time.sleep(0.1)
        raise TimeoutError(f"nothing listens on port {port} of {self.name}")

    def stop(self) -> None:
        """End the programs that were started here, the last one first."""
        for process in reversed(self.running):
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


@contextlib.contextmanager
def network(addresses: Mapping[str, str], folder: Path) -> Iterator[dict[str, Host]]:
    """Hosts (name -> address within one /24) on a switch; everything is gone afterwards, whatever happened."""
    switch = _name("switch")
    hosts: dict[str, Host] = {}
    try:
        _add(switch)
        _run("ip", "-n", switch, "link", "add", "br0", "type", "bridge")
        _run("ip", "-n", switch, "link", "set", "br0", "up")
        for number, (name, address) in enumerate(addresses.items()):
            hosts[name] = _plug(switch, number, name, address, folder)
        yield hosts
    finally:
        for host in hosts.values():
            host.stop()
        for namespace in [*(host.namespace for host in hosts.values()), switch]:
            subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)


def _plug(switch: str, number: int, name: str, address: str, folder: Path) -> Host:
    """A new host with a cable to the switch."""
    place = folder / name
    place.mkdir(parents=True)
    place.chmod(0o755)
    host = Host(name, _name(name), address, place)
    host.hosts_file.write_text(f"127.0.0.1 localhost\n127.0.1.1 {socket.gethostname()}\n", encoding="utf-8")
    _add(host.namespace)
    cable = f"port{number}"
    _run(*f"ip -n {switch} link add {cable} type veth peer name outer netns {host.namespace}".split())
    _run(*f"ip -n {switch} link set {cable} master br0 up".split())
    _run(*f"ip -n {host.namespace} addr add {address}/24 dev outer".split())
    _run(*f"ip -n {host.namespace} link set outer up".split())
    return host


def _add(namespace: str) -> None:
    _run("ip", "netns", "add", namespace)
    _run("ip", "-n", namespace, "link", "set", "lo", "up")


def _name(what: str) -> str:
    """A namespace's name that belongs to this process."""
    return f"freehold-{os.getpid()}-{what}"


def _run(*words: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def listening(host: Host, address: str, ports: Sequence[int]) -> set[int]:
    """Which of these ports of `address` take a connection from `host`."""
    program = (
        "import asyncio, sys\n"
        "async def one(port):\n"
        "    try:\n"
        "        await asyncio.wait_for(asyncio.open_connection(sys.argv[1], port), 1.5)\n"
        "        print(port)\n"
        "    except (OSError, TimeoutError): pass\n"
        "async def all():\n"
        "    ports = list(map(int, sys.stdin.read().split()))\n"
        "    for at in range(0, len(ports), 900):\n"
        "        await asyncio.gather(*map(one, ports[at:at + 900]))\n"
        "asyncio.run(all())\n"
    )
    found = host.run("python3", "-c", program, address, typed=" ".join(map(str, ports))).stdout
    return {int(port) for port in found.split()}
