"""The import pages: upload, sheet, columns, preview, result, undo. Each step is kept with the upload, so reload and back are safe."""

from mobilisation.views.imports.result import Run, Undo
from mobilisation.views.imports.steps import ColumnsStep, Preview, SheetStep, Start

__all__ = ["ColumnsStep", "Preview", "Run", "SheetStep", "Start", "Undo"]
