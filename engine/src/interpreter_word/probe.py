"""Tells what this Python makes of a script, without running any of it.

One argument: a JSON object with "script" (its path), "modules" (names at the root of what it imports) and "paths"
(folders that come before Python's own in the search). One line of JSON comes back.
"""
import importlib.machinery
import json
import os
import site
import sys


MOST_BYTES = 8 << 20


def compiled(path):
    """The error with which the script does not compile, or nothing."""
    with open(path, "rb") as file:
        source = file.read(MOST_BYTES + 1)
    if len(source) > MOST_BYTES:
        return None  # To compile it takes too long, and its beginning alone says nothing.
    if b"\0" in source:
        line = source.count(b"\n", 0, source.index(b"\0")) + 1
        return {"kind": "SyntaxError", "message": "the source has a NUL byte", "line": line}
    try:
        compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return {"kind": type(error).__name__, "message": error.msg, "line": error.lineno}
    except Exception as error:
        return {"kind": type(error).__name__, "message": str(error), "line": None}
    return None


def user_folders():
    """The user's own packages, which an isolated Python leaves out; and whether it is certain that these are all."""
    folder = site.getusersitepackages()
    if not os.path.isdir(folder):
        return [], True
    folders, certain = [folder], True
    for name in os.listdir(folder):
        if not name.endswith(".pth"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            for line in file.read(1 << 20).splitlines():
                if line.startswith(("import ", "import\t")):
                    certain = False
                elif line.strip() and not line.startswith("#"):
                    folders.append(os.path.join(folder, line.strip()))
    return folders, certain


def is_there(module, folders):
    if module in sys.builtin_module_names:
        return True
    if importlib.machinery.FrozenImporter.find_spec(module) is not None:
        return True
    # Only the search: a package is not entered, so nothing of it runs.
    return importlib.machinery.PathFinder.find_spec(module, folders) is not None


def main():
    asked = json.loads(sys.argv[1])
    own, certain = user_folders()
    folders = asked["paths"] + sys.path + own
    missing = [name for name in asked["modules"] if not is_there(name, folders)]
    print(json.dumps({
        "version": list(sys.version_info[:3]),
        "error": compiled(asked["script"]),
        "missing": missing if certain else [],
        "paths": folders,
    }))


main()
