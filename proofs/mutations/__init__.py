"""Takes one safeguard at a time out of the shipped paid step, and shows that the explorer notices."""
