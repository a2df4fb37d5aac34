"""The stack of a client's machine: what follows from an operator's choices."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from freehold.cli import build
from freehold.kernel.stack_files import StackError, read_parameters
from freehold.node.bootstrap.stack import NodeStack, without_n8n_now, write_node_stack

CHOSEN = NodeStack("northwind.example", ("203.0.113.0/24",), "ops@agency.example")


def parameters(folder: Path) -> dict[str, str]:
    """The lines of `.env`."""
    return read_parameters((folder / ".env").read_text())


def test_a_new_stack_needs_what_only_its_operator_knows(tmp_path: Path) -> None:
    """Each option that is missing is named, and nothing is written."""
    with pytest.raises(StackError, match="--domain, --operators, --email"):
        write_node_stack(tmp_path / "stack", NodeStack())

    assert not (tmp_path / "stack").exists()


def test_names_follow_from_the_domain(tmp_path: Path) -> None:
    """Five names below it, the address for certificates, and the full profile with n8n and without the chat."""
    stack = write_node_stack(tmp_path, CHOSEN)

    assert {each.change for each in stack.written} == {"created"}
    assert parameters(tmp_path) == {
        "COMPOSE_PROFILES": "full",
        "STACK_RECEIVER_HOST": "node.northwind.example",
        "STACK_PAGES_HOST": "social.northwind.example",
        "STACK_NOCODB_HOST": "tables.northwind.example",
        "STACK_N8N_HOST": "flows.northwind.example",
        "STACK_CHAT_HOST": "chat.northwind.example",
        "STACK_OPEN_WEBUI_URL": "",
        "STACK_CHAT_LLM_URL": "https://api.openai.com/v1",
        "STACK_CHAT_MODEL": "",
        "STACK_OPERATORS": "203.0.113.0/24",
        "STACK_OWNER_EMAIL": "ops@agency.example",
        "STACK_TLS": "ops@agency.example",
        "STACK_N8N_URL": "http://n8n:5678",
        "STACK_SCHEDULES_ON": "false",
        "STACK_PAGES_NETWORK": "10.213.7.0/28",
        "STACK_CADDY_ADDRESS": "10.213.7.14",
        "STACK_AUTOMATION_NETWORK": "10.213.7.32/27",
    }


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    """Without any option: what stands there is what was chosen."""
    write_node_stack(tmp_path, CHOSEN)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    again = write_node_stack(tmp_path, NodeStack())

    assert {each.change for each in again.written} == {"unchanged"}
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_change_of_parameters_reaches_the_files_that_hold_them(tmp_path: Path) -> None:
    """Other operators: the firewall is written anew, and nothing else."""
    write_node_stack(tmp_path, CHOSEN)

    again = write_node_stack(tmp_path, NodeStack(operators=("198.51.100.7/32",)))

    assert {each.name for each in again.written if each.change == "updated"} == {".env", "nftables.conf"}
    assert "elements = { 198.51.100.7/32 }" in (tmp_path / "nftables.conf").read_text()
    assert parameters(tmp_path)["STACK_RECEIVER_HOST"] == "node.northwind.example"


@pytest.mark.parametrize("tls", ["internal", "certificate.pem key.pem"])
def test_another_email_leaves_certificates_as_they_are(tmp_path: Path, tls: str) -> None:
    """The address stands for certificates in a new stack alone, where nothing else was chosen."""
    write_node_stack(tmp_path, replace(CHOSEN, tls=tls))

    write_node_stack(tmp_path, NodeStack(email="new@agency.example"))

    assert parameters(tmp_path)["STACK_OWNER_EMAIL"] == "new@agency.example"
    assert parameters(tmp_path)["STACK_TLS"] == tls


def test_n8n_is_left_out_of_a_stack_that_had_it(tmp_path: Path) -> None:
    """Its site goes, the node takes over its schedules, and this run alone says that its containers still go on."""
    full = write_node_stack(tmp_path, CHOSEN)
    lite = write_node_stack(tmp_path, NodeStack(profile="lite"))
    again = write_node_stack(tmp_path, NodeStack())
    found = parameters(tmp_path)

    assert {each.name for each in lite.written if each.change == "removed"} == {"caddy/sites/n8n.caddy"}
    assert not (tmp_path / "caddy" / "sites" / "n8n.caddy").exists()
    assert (found["COMPOSE_PROFILES"], found["STACK_SCHEDULES_ON"], found["STACK_N8N_URL"]) == ("lite", "true", "")
    assert [without_n8n_now(each) for each in (full, lite, again)] == [False, True, False]


def test_the_chat_joins_a_stack_and_leaves_it(tmp_path: Path) -> None:
    """Its site comes and goes; the profile beside it stays what it was."""
    write_node_stack(tmp_path, replace(CHOSEN, profile="lite"))
    joined = write_node_stack(tmp_path, NodeStack(chat=True))
    with_chat = parameters(tmp_path)
    left = write_node_stack(tmp_path, NodeStack(chat=False))

    site = "caddy/sites/chat.caddy"
    assert {each.name for each in joined.written if each.change == "created"} == {site}
    assert (with_chat["COMPOSE_PROFILES"], with_chat["STACK_OPEN_WEBUI_URL"]) == ("lite,chat", "http://open-webui:8080")
    assert {each.name for each in left.written if each.change == "removed"} == {site}
    assert (parameters(tmp_path)["COMPOSE_PROFILES"], parameters(tmp_path)["STACK_OPEN_WEBUI_URL"]) == ("lite", "")


def test_a_stack_that_never_had_n8n_has_nothing_to_stop(tmp_path: Path) -> None:
    """It is written without n8n's site."""
    stack = write_node_stack(tmp_path, replace(CHOSEN, profile="lite"))

    assert {each.change for each in stack.written} == {"created"}
    assert not (tmp_path / "caddy" / "sites" / "n8n.caddy").exists()
    assert not without_n8n_now(stack)


def test_the_command_says_what_to_stop(tmp_path: Path) -> None:
    """In place of what comes after a new stack."""
    words = ["node", "stack", str(tmp_path), "--domain", "northwind.example", "--email", "ops@agency.example"]
    runner, lite = CliRunner(), ["node", "stack", str(tmp_path), "--profile", "lite"]
    first = runner.invoke(build(words), [*words, "--operators", "203.0.113.0/24"])
    second = runner.invoke(build(lite), lite)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "--profile full stop" not in first.output
    assert "docker compose --profile full stop n8n n8n-worker redis" in second.output
    assert second.output.rstrip().endswith(", then docker compose up -d --wait, then docker compose restart caddy")
    assert "removed    caddy/sites/n8n.caddy" in second.output


def test_passwords_of_people_are_such_as_the_products_take(tmp_path: Path) -> None:
    """NocoDB and n8n demand an upper-case letter, a digit and another character."""
    write_node_stack(tmp_path, CHOSEN)

    for name in ("nocodb_admin_password", "n8n_owner_password"):
        password = (tmp_path / "secrets" / name).read_text()
        assert 30 <= len(password) <= 64
        assert any(each.isupper() for each in password)
        assert any(each.isdigit() for each in password)
        assert "-" in password


def test_mutual_tls_is_switched_on_and_off(tmp_path: Path) -> None:
    """By the broker's certificate, and by its removal."""
    public = tmp_path / "broker-public.pem"
    public.write_text("-----BEGIN CERTIFICATE-----\n")
    conf = tmp_path / "stack" / "caddy" / "client-auth.conf"
    write_node_stack(tmp_path / "stack", CHOSEN)
    assert "require_and_verify" not in conf.read_text()

    write_node_stack(tmp_path / "stack", NodeStack(broker_certificate=public))
    assert "require_and_verify" in conf.read_text()
    (tmp_path / "stack" / "caddy" / "broker.pem").unlink()
    write_node_stack(tmp_path / "stack", NodeStack())

    assert "require_and_verify" not in conf.read_text()


def test_a_private_key_is_not_taken_for_a_certificate(tmp_path: Path) -> None:
    """The file with the broker's key stays at the broker."""
    private = tmp_path / "client_certificate.pem"
    private.write_text("-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n")

    with pytest.raises(StackError, match=r"client-certificate\.pem"):
        write_node_stack(tmp_path / "stack", NodeStack(broker_certificate=private))
