"""Sets up a client's machine: its container stack, PostgreSQL, NocoDB and n8n."""
