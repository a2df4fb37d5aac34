"""Tools for agents and workflows, each one function, served as MCP and as REST from the same table."""
