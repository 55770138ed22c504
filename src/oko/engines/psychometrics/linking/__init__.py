"""Forms and years on one scale: linking of item parameters, equating of scores, marks carried over."""
