"""The broker's schema, revision by revision. A revision never takes away what code already running needs."""
