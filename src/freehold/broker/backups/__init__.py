"""The broker's backups: what is in them, and how one becomes a broker again."""
