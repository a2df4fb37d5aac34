"""Backups of a service: its databases and files in one stream, sealed to an operator's public key."""
