"""Entry point of ``python -m orchestration``."""

import sys

from orchestration.cli import main


def entry() -> int:
    """Run the command line; what a user has to mend is one sentence, not a traceback."""
    # Imported here, as the command line does: its help needs neither DuckDB nor dbt.
    try:
        return main()
    except Exception as error:
        from orchestration.exclusive import DataFolderInUse
        from orchestration.exports.errors import LandingError
        from orchestration.publishing.publish import NothingGoodToPublish

        if not isinstance(error, (DataFolderInUse, LandingError, NothingGoodToPublish)):
            raise
        print(f"Not done: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(entry())
