"""Programs that pretend to be brain extractors."""

import sys
from textwrap import dedent

BRIGHT = """
    import sys, nibabel, numpy
    image = nibabel.load(sys.argv[1])
    mask = (numpy.asarray(image.dataobj) > 0.5).astype("u1")
    nibabel.save(nibabel.Nifti1Image(mask, image.affine), sys.argv[2])
"""
OTHER_SHAPE = BRIGHT.replace('astype("u1")', 'astype("u1")[1:]')
EMPTY = BRIGHT.replace("> 0.5", "> 1e9")
NOTHING = "pass"
EXITS = "import sys; print('first\\nno licence\\n', file=sys.stderr); sys.exit(3)"
HANGS = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
    open(sys.argv[3], "w").write(str(child.pid))
    time.sleep(99)
"""


def program(folder, text, places="{volume} {mask}"):
    """Command template that runs ``text``; it lies in a folder with a space in its name."""
    path = folder / "a program.py"
    path.write_text(dedent(text))
    return f"'{sys.executable}' '{path}' {places}"
