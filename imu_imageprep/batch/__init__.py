"""Many photos: which, where to, how they went."""
