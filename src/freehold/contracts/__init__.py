"""What crosses a process boundary: frozen, versioned shapes that broker and node agree on."""
