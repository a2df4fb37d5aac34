"""Meta's callbacks about a person, verified and passed on to every node that holds a token of theirs."""
