"""How static files are served: hashed names for ever, compressed beforehand."""

from __future__ import annotations

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CabinetStaticStorage(CompressedManifestStaticFilesStorage):
    """Does not follow source maps: packaged styles name theirs, but do not bring them along."""

    patterns = tuple(
        (files, tuple(rule for rule in rules if "sourceMappingURL" not in str(rule)))
        for files, rules in HashedFilesMixin.patterns
    )
