"""Pages without a readable code, found again by the text of the code that is printed beside it."""
