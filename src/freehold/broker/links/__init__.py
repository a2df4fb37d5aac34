"""Connect links: sealed, single-use, revocable addresses with which a client's person connects."""
