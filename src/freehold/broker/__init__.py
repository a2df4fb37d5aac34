"""The broker: runs every client's OAuth flow through one Meta app and hands each token to that client's own node."""
