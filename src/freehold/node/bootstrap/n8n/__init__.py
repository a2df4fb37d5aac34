"""Sets up n8n over its HTTP API: its owner, credentials with keys of the node's, and the workflow library."""
