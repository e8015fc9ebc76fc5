# SPDX-License-Identifier: Apache-2.0
"""A copy of the project below out/, for scripts that break it and build what they broke."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def copy_design(tree, instead=None):
    """Brings the copy up to date with the files that git knows and those not yet added.

    `instead` gives the content, as bytes, of files that are to differ, by their name. What has not
    changed keeps its time, so that only the rest is built again.
    """
    instead = instead or {}
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, tree / name
        if not source.is_file():
            continue
        content = instead.get(name) or source.read_bytes()
        if target.is_file() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(source.stat().st_mode)
    venv = tree / ".venv"
    if not venv.is_symlink():
        venv.symlink_to(ROOT / ".venv")
