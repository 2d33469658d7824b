"""Forms of the ground, and the habits all forms share."""

from mobilisation.forms.versioned import Versioned, show_refusal

__all__ = ["Versioned", "show_refusal"]
