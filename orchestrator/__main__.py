"""`python -m orchestrator`: the same program as the script `orchestrate`."""

from orchestrator.cli.main import main

if __name__ == "__main__":
    main()
