"""Settings, every one of them read from the environment in ``env.py``.

The two ways to run (embedded, production) differ by environment variables alone.
"""

from mobilisation.settings.base import *  # noqa: F403
from mobilisation.settings.domain import *  # noqa: F403
