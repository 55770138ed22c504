"""«Демонстрационная область»: a made-up region in the middle of an assessment, filled by the real actions."""
