"""What the journal puts on everybody's desk."""
