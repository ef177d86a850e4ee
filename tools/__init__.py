"""Commands of this repository that a user of the package does not need."""
