#!/usr/bin/env python
"""Command-line entry point of the site."""

import sys


def main() -> None:
    from django.core.management import execute_from_command_line

    from mobilisation.starting import settle

    settle()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
