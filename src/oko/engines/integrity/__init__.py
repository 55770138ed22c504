"""Evidence on objectivity: signs («признаки») to look at, never a verdict."""
