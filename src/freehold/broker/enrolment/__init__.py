"""Enrolment: a client's new node registers itself, once, with a code that an administrator made for it."""
