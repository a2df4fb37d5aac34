"""Competitors: what they advertise."""
