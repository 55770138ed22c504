"""What this app puts on everybody's desk."""
