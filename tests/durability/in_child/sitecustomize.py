"""Python imports this before the product, where a test puts this folder on PYTHONPATH: loads the test's own module."""

import importlib
import os

if "TEST_IN_CHILD" in os.environ:
    importlib.import_module(os.environ["TEST_IN_CHILD"]).install()
