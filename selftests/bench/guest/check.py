# SPDX-License-Identifier: GPL-2.0
"""The instructions that the stored bounds are about."""
from quick import main	# noqa: F401
