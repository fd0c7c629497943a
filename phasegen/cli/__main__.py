"""``python -m phasegen.cli``: the command of this interpreter, whatever the path holds."""

import sys

from phasegen.cli import main

sys.exit(main())
