"""Where files are looked for, and where a vault is suggested to be made: names that are free."""

from __future__ import annotations

import os

from PySide6.QtCore import QStandardPaths


def for_a_new_vault() -> str:
    """A free name among the user's documents, where there is such a folder."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return _free(documents if os.path.isdir(documents) else home(), "my.vault")


def for_a_sample() -> str:
    """A free name in the temporary folder: the sample is made up, and need not last."""
    temporary = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.TempLocation)
    return _free(temporary, "strongroom-sample.vault")


def home() -> str:
    """Where a box for files begins when nothing was chosen yet."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)


def shown(path: str) -> str:
    """A path as a person writes it: what is below their home begins with `~`."""
    user = os.path.join(home(), "")
    return os.path.join("~", path.removeprefix(user)) if path.startswith(user) else path


def _free(folder: str, name: str) -> str:
    """`name` in `folder`, with a number where something is there already."""
    stem, end = os.path.splitext(os.path.join(folder, name))
    number, path = 1, stem + end
    while os.path.lexists(path):
        number += 1
        path = f"{stem}-{number}{end}"
    return path
