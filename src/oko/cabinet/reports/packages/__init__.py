"""All reports of a territory as one ZIP, made in the background."""
