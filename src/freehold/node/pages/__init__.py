"""What a person sees: the page after authorising, the choice of assets, and the newest report."""
