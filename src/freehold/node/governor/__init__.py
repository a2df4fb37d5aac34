"""The only door to provider APIs: budgets, tokens, retries and typed errors for every call."""

from freehold.node.governor.budget import Priority
from freehold.node.governor.governor import Governor

__all__ = ["Governor", "Priority"]
