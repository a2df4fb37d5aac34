"""What the broker sends to the node: grants, and what the provider tells about a person. Port 3006."""
