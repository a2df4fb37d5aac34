"""The remote side on loopback: plays Meta, from Meta's documented behaviour and never from the client's code."""
