"""Workflows: what is read when, as runs that outlive the process they began in."""
