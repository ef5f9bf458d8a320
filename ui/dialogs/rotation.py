"""How an entry rotates: target, strategy, options, schedule; and what that would do, before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QWidget,
)

from app import display
from app.language import marked, told, tr
from app.rotation.outline import preview
from app.rotation.setting import save
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.schedule_field import ScheduleField
from ui.work import rotation as rotation_work
from vault.errors import VaultError
from vault.paths import ParameterPath
from vault.records import RotationDraft, RotationRules, Strategy

if TYPE_CHECKING:
    from app.rotation.outline import Outline
    from app.rotation.target import Target
    from ui.desk import Desk
    from ui.work.rotation import Offer
    from vault.records import Rotation

TARGET, SCHEDULE, OUTLINE = range(3)
STRATEGIES = {
    Strategy.SINGLE: marked("Single user: one credential, changed in place"),
    Strategy.ALTERNATING: marked("Alternating users: two that take turns"),
}
STEP_WIDTH = 72
CAPTION_TOP = GRID  # pixels: beside the text of the field, not of the help below it
NOTHING_YET = marked(
    "“Show what it will do” says it step by step. Nothing is changed by that, and no network is used."
)


class RotationBox(Box):
    """Nothing is kept that could not work; what was typed stays until it can."""

    saved = Signal(object)  # Rotation

    def __init__(
        self, parent: QWidget, desk: Desk, path: ParameterPath | None, rotation: Rotation | None = None
    ) -> None:
        """Set up a rotation of `path`, or of an entry to be chosen; or change `rotation`."""
        super().__init__(parent, tr("Change the rotation") if rotation else tr("Set up a rotation"), 660)
        self._desk, self._old = desk, rotation
        self._targets: dict[str, Target] = {}
        self.lines: dict[str, QLineEdit] = {}
        self.entry = parts.choice_or_text(tr("Entry"), tr("Path of the entry that rotates"))
        self.entry.setCurrentText(str(rotation.path if rotation else path or ""))
        self.entry.setEnabled(rotation is None)
        self.target, self.strategy = QComboBox(), QComboBox()
        self.target.setPlaceholderText(tr("Choose what is changed"))
        for box in (self.target, self.strategy):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.admin = parts.choice_or_text(
            tr("Admin"), tr("Path of an entry whose credential may change others")
        )
        self.admin.setCurrentText(str(rotation.admin or "") if rotation else "")
        self.summary = parts.label(tone="muted", wrap=True)
        self.summary.setAccessibleDescription(tr("About the target"))
        self.schedule = ScheduleField(rotation.rules if rotation else RotationRules(), desk.session.clock)
        self.grace = QLineEdit(rotation.options.get("grace", "") if rotation else "")
        self.push = QCheckBox(tr("Tell linked remotes in the same act"))
        self.push.setChecked(rotation is None or rotation.options.get("push", "yes") == "yes")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(tr("Rotation"))
        self.tabs.addTab(self._target_tab(), tr("&Target"))
        self.tabs.addTab(self._schedule_tab(), tr("Sched&ule and grace"))
        self.tabs.addTab(self._outline_tab(), tr("What &it will do"))
        self.tabs.setMinimumHeight(48 * GRID)
        self.add(self.tabs)
        self.show_button = parts.button(tr("Show what it will d&o"), "search", clicked=self._preview)
        self.agree = parts.button(tr("&Save"), "check", "primary", clicked=self._save)
        self.close_with(self.show_button, self.agree)
        self.schedule.changed.connect(self._check)
        self.entry.currentTextChanged.connect(self._check)
        self.target.currentIndexChanged.connect(self._turn)
        self.strategy.activated.connect(self._check)
        self.push.toggled.connect(self._check)
        for changed in (self.admin.currentTextChanged, self.grace.textChanged):
            changed.connect(self._check)
        self.work(tr("Looking for targets…"))
        new = path if rotation is None else None
        self._desk.ask(self, lambda vault: rotation_work.offer(vault, new), self._take, self.fail)

    def _target_tab(self) -> QWidget:
        self._form = parts.form(
            (tr("&Entry:"), self.entry), (tr("Ta&rget:"), self.target), (tr("Strate&gy:"), self.strategy),
            (tr("&Admin:"), self.admin),
        )  # fmt: skip
        self._options = QScrollArea()
        self._options.setWidgetResizable(True)
        self._options.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have it
        layout = parts.column(parts.boxed(self._form), self.summary, self._options)
        layout.setStretch(2, 1)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        return parts.boxed(layout)

    def _schedule_tab(self) -> QWidget:
        hint = tr(
            "How long the old credential is left alone after the new one is current, such as 90s, "
            "5m or 1d: as long as a consumer may still hold it."
        )
        layout = parts.column(
            self.schedule, GRID, parts.boxed(parts.form((tr("&Grace:"), self.grace))),
            parts.label(hint, "muted", wrap=True), GRID, self.push, None,
        )  # fmt: skip
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        return parts.boxed(layout)

    def _outline_tab(self) -> QWidget:
        self.outline = QFormLayout()
        self.outline.setHorizontalSpacing(2 * GRID)
        self.outline.setVerticalSpacing(GRID)
        self._outlined = parts.label(tr(NOTHING_YET), "muted", wrap=True)
        self._outlined.setAccessibleDescription(tr("What it will do"))
        layout = parts.column(self._outlined, parts.boxed(self.outline), None)
        layout.setContentsMargins(0, 2 * GRID, 0, 0)
        return parts.boxed(layout)

    def _take(self, offer: Offer) -> None:
        """The targets and entries that there are."""
        self.rest()
        self._targets = offer.targets
        for box in (self.entry, self.admin):
            typed = box.currentText()
            box.addItems([str(path) for path in offer.paths])
            box.setCurrentText(typed)
        self.target.blockSignals(True)
        for name in offer.targets:
            self.target.addItem(display.printable(name), name)
        self.target.setCurrentIndex(self.target.findData(self._old.target if self._old else offer.fitting))
        self.target.blockSignals(False)
        self._turn()
        (self.target if self.entry.currentText() else self.entry).setFocus()
        if offer.broken:
            named = ", ".join(map(display.printable, offer.broken))
            self.banner.tell(
                tr("These targets cannot be loaded: {named}.", named=named),
                tr("Install them again."),
                "warning",
            )

    @property
    def _target(self) -> Target | None:
        return self._targets.get(self.target.currentData() or "")

    def _turn(self) -> None:
        """Show the fields of the chosen target."""
        target = self._target
        self._form.setRowVisible(self.strategy, target is not None and len(target.strategies) > 1)
        self._form.setRowVisible(self.admin, target is not None and target.takes_admin)
        if target is None:
            self._check()
            return
        same = self._old is not None and self._old.target == target.name
        typed = {name: line.text() for name, line in self.lines.items() if line.text()}
        before = typed or (dict(self._old.options) if self._old and same else {})
        summary = display.printable(tr(target.summary))
        self.summary.setText(f"{summary[:1].upper()}{summary[1:]}.")
        self.strategy.clear()
        for strategy in target.strategies:
            self.strategy.addItem(tr(STRATEGIES[strategy]), strategy)
        if self._old is not None and same:
            self.strategy.setCurrentIndex(max(self.strategy.findData(self._old.strategy), 0))
        self.grace.setPlaceholderText(tr("{seconds:g}s if empty", seconds=target.grace.total_seconds()))
        self.lines = {}
        rows: list[tuple[str, QWidget]] = []
        for option in target.options:
            line = QLineEdit(before.get(option.name, ""))
            empty = option.default or (tr("required") if option.required else "")
            line.setPlaceholderText(empty)
            line.setAccessibleName(option.name)
            said = display.printable(told(option.help))
            line.setAccessibleDescription(f"{said}; {empty}" if empty else said)
            line.setToolTip(said)
            line.textChanged.connect(self._check)
            self.lines[option.name] = line
            help_ = parts.label(said, "muted", wrap=True)
            field = parts.boxed(parts.column(line, help_, space=2))
            title = f"{display.printable(option.name)}{' *' if option.required else ''}:"
            rows.append((title.replace("&", "&&"), field))
        form = parts.form(*rows)
        captions = _captions(form)
        for caption, line in zip(captions, self.lines.values(), strict=True):
            caption.setBuddy(line)
            caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            caption.setContentsMargins(0, CAPTION_TOP, 0, 0)
        captions += _captions(self._form)
        widest = max(caption.sizeHint().width() for caption in captions)
        for caption in captions:  # so that the fields of both stand below each other
            caption.setMinimumWidth(widest)
        self._options.setWidget(parts.boxed(form))
        parts.chain(self._options, *self.lines.values())
        self._check()

    def _check(self) -> None:
        """Allow what makes sense now; what was told of another setting is no longer true."""
        self._forget_outline()
        target = self._target
        ready = target is not None and bool(self.entry.currentText().strip())
        missing = target is not None and any(
            option.required and not self.lines[option.name].text().strip()
            for option in target.options
            if option.name in self.lines
        )
        for button in (self.show_button, self.agree):
            button.setEnabled(ready and not missing and self.schedule.is_valid)
            button.setToolTip(tr("Fill in what is marked with * before") if missing else "")

    def rest(self) -> None:
        """The work is over; only what is complete can be kept."""
        super().rest()
        self.entry.setEnabled(self._old is None)
        self._check()

    def _draft(self) -> tuple[ParameterPath, RotationDraft]:
        """What was said.

        Raises:
            Refused: a path is none.
        """
        options = {name: line.text().strip() for name, line in self.lines.items() if line.text().strip()}
        if grace := self.grace.text().strip():
            options["grace"] = grace
        if not self.push.isChecked():
            options["push"] = "no"
        target = self._target
        admin = self.admin.currentText().strip() if target and target.takes_admin else ""
        draft = RotationDraft(
            self.target.currentData(),
            Strategy(self.strategy.currentData()),
            options,
            ParameterPath.parse(admin) if admin else None,
            self.schedule.rules,
        )
        return ParameterPath.parse(self.entry.currentText().strip()), draft

    def _preview(self) -> None:
        try:
            path, draft = self._draft()
        except VaultError as error:
            self.fail(error)
            return
        self.work(tr("Looking at the values…"))
        self._desk.ask(self, lambda vault: preview(vault, path, draft), self._show_outline, self.fail)

    def _forget_outline(self) -> None:
        while self.outline.rowCount():
            self.outline.removeRow(0)
        self._outlined.setText(tr(NOTHING_YET))

    def _show_outline(self, outline: Outline) -> None:
        self.rest()
        for step in outline.steps:
            name = parts.label(tr(step.step))
            name.setProperty("tone", "step")
            name.setFixedWidth(STEP_WIDTH)
            self.outline.addRow(name, parts.label(display.printable(step.what), wrap=True, selectable=True))
        self._outlined.setText(tr("A rotation of {path} would do this, in this order:", path=outline.path))
        self.tabs.setCurrentIndex(OUTLINE)

    def _save(self) -> None:
        try:
            path, draft = self._draft()
        except VaultError as error:
            self.fail(error)
            return
        self.work(tr("Saving…"))
        self._desk.ask(self, lambda vault: save(vault, path, draft), self._done, self.fail)

    def _done(self, rotation: Rotation) -> None:
        self.accept()
        self.saved.emit(rotation)


def _captions(form: QFormLayout) -> list[QLabel]:
    found = (form.itemAt(row, QFormLayout.ItemRole.LabelRole) for row in range(form.rowCount()))
    widgets = (item.widget() for item in found if item is not None)
    return [widget for widget in widgets if isinstance(widget, QLabel)]
