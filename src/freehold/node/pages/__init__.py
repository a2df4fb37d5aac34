"""What a person sees: the page after authorising, and the choice of assets."""
