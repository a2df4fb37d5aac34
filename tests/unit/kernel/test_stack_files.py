"""A stack's folder: written once, brought up to date later, with people's edits and secrets kept."""

from pathlib import Path

import pytest

from freehold.kernel.stack_files import (
    FileChange,
    Secret,
    StackError,
    Written,
    fill,
    firewall_sets,
    make_secrets,
    settle_parameters,
    to_load,
    write_files,
)


def test_a_file_that_nobody_edited_is_brought_up_to_date(tmp_path: Path) -> None:
    """Written, left alone, replaced by the next version."""
    assert write_files(tmp_path, {"a/b.yaml": "1"}) == [Written("a/b.yaml", "created")]
    assert write_files(tmp_path, {"a/b.yaml": "1"}) == [Written("a/b.yaml", "unchanged")]
    assert write_files(tmp_path, {"a/b.yaml": "2"}) == [Written("a/b.yaml", "updated")]
    assert (tmp_path / "a" / "b.yaml").read_text() == "2"


def test_an_edited_file_stays_and_the_new_one_lies_beside_it(tmp_path: Path) -> None:
    """What somebody wrote is never lost, and what they miss is there to be compared."""
    write_files(tmp_path, {"b.yaml": "1"})
    (tmp_path / "b.yaml").write_text("mine")

    assert write_files(tmp_path, {"b.yaml": "2"}) == [Written("b.yaml", "kept")]
    assert (tmp_path / "b.yaml").read_text() == "mine"
    assert (tmp_path / "b.yaml.new").read_text() == "2"


def test_an_edited_file_is_left_in_peace_while_nothing_of_ours_is_new(tmp_path: Path) -> None:
    """The same version again writes nothing beside it, and neither does a version that was offered before."""
    write_files(tmp_path, {"b.yaml": "1"})
    (tmp_path / "b.yaml").write_text("mine")

    assert write_files(tmp_path, {"b.yaml": "1"}) == [Written("b.yaml", "unchanged")]
    assert not (tmp_path / "b.yaml.new").exists()
    write_files(tmp_path, {"b.yaml": "2"})
    (tmp_path / "b.yaml.new").unlink()
    assert write_files(tmp_path, {"b.yaml": "2"}) == [Written("b.yaml", "unchanged")]


def test_an_edit_that_was_taken_back_is_brought_up_to_date_again(tmp_path: Path) -> None:
    """Who takes over what we offered is in step again."""
    write_files(tmp_path, {"b.yaml": "1"})
    (tmp_path / "b.yaml").write_text("mine")
    write_files(tmp_path, {"b.yaml": "2"})
    (tmp_path / "b.yaml").write_text("2")

    assert write_files(tmp_path, {"b.yaml": "3"}) == [Written("b.yaml", "updated")]


def test_a_file_that_the_stack_no_longer_has_goes(tmp_path: Path) -> None:
    """It is removed, said once, and written again when it is wanted again."""
    both = {"a.yaml": "1", "sites/b.caddy": "1"}
    write_files(tmp_path, both)

    assert write_files(tmp_path, {"a.yaml": "1"})[1:] == [Written("sites/b.caddy", "removed")]
    assert not (tmp_path / "sites" / "b.caddy").exists()
    assert write_files(tmp_path, {"a.yaml": "1"}) == [Written("a.yaml", "unchanged")]
    assert write_files(tmp_path, both)[1:] == [Written("sites/b.caddy", "created")]


def test_an_edited_file_that_the_stack_no_longer_has_stays(tmp_path: Path) -> None:
    """Each run says that it is left over; files that people brought are never named."""
    write_files(tmp_path, {"b.caddy": "1"})
    (tmp_path / "b.caddy").write_text("mine")
    (tmp_path / "own.caddy").write_text("mine")

    for _ in range(2):
        assert write_files(tmp_path, {}) == [Written("b.caddy", "left over")]
    assert (tmp_path / "b.caddy").read_text() == "mine"
    assert (tmp_path / "own.caddy").read_text() == "mine"


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    """The second run makes what is missing and touches nothing else; later secrets are made from earlier ones."""
    wanted = [Secret("password", lambda _made: "p1"), Secret("url", lambda made: f"db://{made['password']}@db")]
    assert {each.change for each in make_secrets(tmp_path, wanted)} == {"created"}
    (tmp_path / "secrets" / "url").unlink()

    again = make_secrets(tmp_path, [Secret("password", lambda _made: "p2"), wanted[1]])

    assert [each.change for each in again] == ["unchanged", "created"]
    assert (tmp_path / "secrets" / "url").read_text() == "db://p1@db"


def test_nobody_else_reaches_a_secret_but_who_is_handed_one_reads_it(tmp_path: Path) -> None:
    """The folder opens for its owner alone; the file is readable for the account of the container that is given it."""
    (tmp_path / "secrets").mkdir(mode=0o755)
    make_secrets(tmp_path, [Secret("password", lambda _made: "p")])

    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secrets" / "password").stat().st_mode & 0o777 == 0o444


def test_parameters_keep_what_people_wrote() -> None:
    """Values, own lines and comments stay; what a new version has beyond them comes with its comment; options win."""
    existing = "# mine\nA=changed\nOWN=1\n"
    template = "# about A\nA=1\n\n# about B\nB=2\n\n# about C\nC=3\n"

    text = settle_parameters(existing, template, {"C": "given"})

    assert text == "# mine\nA=changed\nOWN=1\n\n# about B\nB=2\n\n# about C\nC=given\n"
    assert settle_parameters(text, template, {}) == text


def test_a_placeholder_without_a_value_is_an_error() -> None:
    """A template never leaves a gap behind."""
    assert fill("image: x:@VERSION@ ${KEPT} a@b", {"VERSION": "1"}) == "image: x:1 ${KEPT} a@b"
    with pytest.raises(KeyError):
        fill("@GONE@", {})


def test_operators_become_sets_of_both_families() -> None:
    """Networks and single addresses, and nothing where a family has none."""
    assert firewall_sets("203.0.113.7/32 2001:db8::/64 198.51.100.0/24") == {
        "OPERATORS_4": "elements = { 203.0.113.7/32, 198.51.100.0/24 }",
        "OPERATORS_6": "elements = { 2001:db8::/64 }",
    }
    assert firewall_sets("203.0.113.7")["OPERATORS_6"] == "# none"


@pytest.mark.parametrize("network", ["203.0.113.7/24", "office", "0.0.0.0/0; accept"])
def test_what_is_no_network_gets_into_no_firewall(network: str) -> None:
    """A network with host bits, a name, or rules of somebody's own."""
    with pytest.raises(StackError, match=r"203\.0\.113\.0/24"):
        firewall_sets(network)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({".env": "created", "compose.yaml": "created"}, "begin"),
        ({}, "nothing: all is as it was"),
        ({"compose.yaml": "updated"}, "docker compose up -d --wait"),
        ({"compose.yaml": "kept"}, "nothing: all is as it was"),
        ({"caddy/sites/n8n.caddy": "removed"}, "docker compose up -d --wait, then docker compose restart caddy"),
        (
            {".env": "updated", "nftables.conf": "updated", "caddy/sites/n8n.caddy": "created"},
            "nft -f nftables.conf, then docker compose up -d --wait, then docker compose restart caddy",
        ),
    ],
)
def test_what_has_changed_is_to_be_loaded(changed: dict[str, FileChange], told: str) -> None:
    """Firewall and Caddy follow their files only when they are told to; a new stack begins at its beginning."""
    written = [Written(".env", "unchanged")] if ".env" not in changed else []
    written += [Written(name, change) for name, change in changed.items()]

    assert to_load(written, "begin") == told
