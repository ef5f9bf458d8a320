"""Empty a text field for good: a document that is only cleared keeps pieces of what it held."""

from __future__ import annotations

import shiboken6
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout, QPlainTextEdit, QTextEdit


def wipe_text(field: QPlainTextEdit | QTextEdit, *, undo: bool = False) -> None:
    """Give `field` a new, empty document and delete the old one with its steps to undo.

    Args:
        field: what held a value.
        undo: whether the new document records steps to undo.
    """
    old = field.document()
    old.setUndoRedoEnabled(False)  # drops the steps
    old.clear()
    document = QTextDocument(field)
    if isinstance(field, QPlainTextEdit):
        document.setDocumentLayout(QPlainTextDocumentLayout(document))
    document.setDefaultFont(field.font())
    document.setUndoRedoEnabled(undo)
    field.setDocument(document)
    if shiboken6.isValid(old):  # Qt has deleted the one that the field made itself
        old.deleteLater()
