"""Passwords as PostgreSQL keeps them."""

import base64

from freehold.node.bootstrap import scram

KEPT = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)
"""The verifier of "pencil" with the salt and iterations of RFC 7677's example, whose proofs it makes."""


def test_a_verifier_is_the_standards() -> None:
    """With RFC 7677's salt and iterations, "pencil" gives the keys from which its example's signatures follow."""
    assert scram.verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096) == KEPT


def test_a_password_fits_its_own_verifier_alone() -> None:
    """Each verifier has a salt of its own; no password, or none at all, fits another's."""
    made = scram.verifier("a password")

    assert scram.fits("a password", made)
    assert made != scram.verifier("a password")
    assert not scram.fits("another", made)
    assert not scram.fits("a password", None)
    assert not scram.fits("a password", "md5d41d8cd98f00b204e9800998ecf8427e")
