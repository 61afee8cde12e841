#!/usr/bin/env python
"""Django's command line for FeedbackHub."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedbackhub.settings")
    from django.core.management import execute_from_command_line

    from feedbackhub.env import BadSetting

    try:
        execute_from_command_line(sys.argv)
    except BadSetting as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
