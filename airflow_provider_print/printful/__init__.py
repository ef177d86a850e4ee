"""Artwork in the Printful File Library."""
