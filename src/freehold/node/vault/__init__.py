"""The vault: tokens at rest, each ciphertext bound to its table, column and row; they leave only decrypted for use."""

from freehold.node.vault.queries import Credential, Status, credentials, find_credential
from freehold.node.vault.vault import Held, Tokens, Vault

__all__ = ["Credential", "Held", "Status", "Tokens", "Vault", "credentials", "find_credential"]
