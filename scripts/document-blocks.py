#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
#
# scripts/document-blocks.py DOCUMENT DIRECTORY
#
# Writes each code-block of an rst document into a file DIRECTORY/NNN, without
# its indentation, and prints a line for it: NNN, its line in the document, its
# language, its class and its caption, with tabs between them and "-" for what it
# does not have.

import re
import sys
import textwrap
from pathlib import Path


def main(document, directory):
    lines = Path(document).read_text(encoding="utf-8").splitlines()
    for number, (line, language, options, text) in enumerate(blocks(lines)):
        name = f"{number:03}"
        Path(directory, name).write_text(text, encoding="utf-8")
        fields = [name, line, language, options.get("class", "-"), options.get("caption", "-")]
        print(*fields, sep="\t")


def blocks(lines):
    """Line number, language, options and text of each block."""
    for start, line in enumerate(lines):
        match = re.match(r"( *)\.\. code-block:: *(\S*)", line)
        if not match:
            continue
        options, body = {}, []
        for line in lines[start + 1:]:
            if line.strip() and indentation(line) <= len(match[1]):
                break
            option = re.match(r" *:(\w+): *(.*)", line)
            if option and not body:
                options[option[1]] = option[2]
            elif body or line.strip():
                body.append(line)
        text = textwrap.dedent("\n".join(body)).strip("\n")
        yield start + 1, match[2], options, text + "\n"


def indentation(line):
    return len(line) - len(line.lstrip())


main(*sys.argv[1:])
