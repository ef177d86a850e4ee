"""What the sandbox promises in numbers, each measured beside a yardstick of the same run."""
