# SPDX-License-Identifier: GPL-2.0
"""The compiler of a finished kernel build, run again; for scripts that compare sizes."""

import re
import subprocess


def recompile(command_file, out, made, change=lambda line: line):
    """Runs the command that kbuild has saved for an object in the build directory `out`, so that
    the object is `made`. `change` gets the command first."""
    saved = command_file.read_text().split("\n", 1)[0]
    # Without what objtool did to it.
    line = saved.split(" := ", 1)[1].split(" ; ")[0]
    line = re.sub(r"-Wp,-MMD,\S+", "", line)
    line = re.sub(r"-o \S+\.o ", f"-o {made} ", line)
    subprocess.run(change(line), shell=True, cwd=out, check=True)


def bytes_of(file):
    """Bytes of text, data and bss together of an object or a kernel."""
    columns = subprocess.run(["size", file], capture_output=True, text=True, check=True)
    return int(columns.stdout.splitlines()[1].split()[3])
