"""The node's backups: what is in them, who is told when one fails, and how one becomes a node again."""
