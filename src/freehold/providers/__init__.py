"""The providers, one folder each: they describe requests and parse replies, and do no I/O."""
