"""Where a vault is suggested to be made: names that are free."""

from __future__ import annotations

import os

from PySide6.QtCore import QStandardPaths


def for_a_new_vault() -> str:
    """A free name among the user's documents."""
    return _free(QStandardPaths.StandardLocation.DocumentsLocation, "my.vault")


def for_a_sample() -> str:
    """A free name in the temporary folder: the sample is made up, and need not last."""
    return _free(QStandardPaths.StandardLocation.TempLocation, "strongroom-sample.vault")


def _free(location: QStandardPaths.StandardLocation, name: str) -> str:
    """`name` in a folder of the system, with a number where something is there already."""
    stem, end = os.path.splitext(os.path.join(QStandardPaths.writableLocation(location), name))
    number, path = 1, stem + end
    while os.path.lexists(path):
        number += 1
        path = f"{stem}-{number}{end}"
    return path
