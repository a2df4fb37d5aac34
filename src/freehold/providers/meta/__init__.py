"""Meta: what is asked of the Graph API and what its answers mean."""
