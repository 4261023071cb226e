"""`python -m wenwen`: the command line."""

import sys

from wenwen._cli import main

if __name__ == "__main__":
    sys.exit(main())
