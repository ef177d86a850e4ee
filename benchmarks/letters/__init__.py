"""Many letters from many processes: what the limits of a service leave of them."""
