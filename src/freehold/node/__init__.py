"""One node for each client: it owns the client's tokens and data, collects under the provider's limits, and reports."""
