"""Who may call the broker: administrators' keys, and limits on everybody."""
