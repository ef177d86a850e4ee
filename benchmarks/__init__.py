"""Each promise with a number has a script here that measures it."""
