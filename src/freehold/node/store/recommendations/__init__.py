"""Recommendations: what analysis advises."""
