"""The registry: which client has which node, and the admin routes over it."""
