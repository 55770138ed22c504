"""Pages of an assessment, one module for each thing that people come for."""
