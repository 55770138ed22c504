"""Pages of getting in and of looking after access."""
