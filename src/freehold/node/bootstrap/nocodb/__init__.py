"""Sets up NocoDB by its own API: the node's tables as people should meet them, and an account for a marketer."""
