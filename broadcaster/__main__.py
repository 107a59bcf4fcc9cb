"""`python -m broadcaster`."""

from broadcaster.cli import main

if __name__ == "__main__":
    main()
