"""Freehold: each client owns its tokens and its data.

The flow is the tree: `broker` authorises a client at a provider and hands the grant to that client's `node`;
the node keeps it, collects under the provider's limits, stores, and reports. `sandbox` plays the provider.
"""
