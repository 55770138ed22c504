"""`oko check`: what in this installation is unsafe or does not work, by name, with the way out."""
