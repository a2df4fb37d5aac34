"""Open WebUI: its connections to the node's tools, and the assistant that people there ask."""
