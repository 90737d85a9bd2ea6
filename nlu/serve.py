"""Run the Rasa server (Python 3.10). Its token comes by environment: everybody on a machine can read a command line."""

import os
import sys

from rasa.__main__ import main

if __name__ == "__main__":
    sys.argv = ["rasa", "run", *sys.argv[1:], "--auth-token", os.environ.pop("RASA_SERVER_TOKEN")]
    main()
