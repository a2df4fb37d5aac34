"""Competitors: who is watched, and what they post and advertise."""
