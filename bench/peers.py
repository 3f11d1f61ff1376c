"""What the scripts that measure kubegate against its peers share: where things are built, and what is told of them."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "build" / "release"
BENCH = ROOT / "build" / "bench"
TOOLS = BENCH / "tools"
SHARED = pathlib.Path(os.environ.get("KUBEGATE_SHARED", ROOT.parent / "shared"))


def say(message):
    print(f"{pathlib.Path(sys.argv[0]).name}: {message}", file=sys.stderr, flush=True)


def build(target):
    """Whether a target of the project's own builds, in build/release."""
    command = 'source ci/common.sh && build release "$1"'
    return subprocess.run(["bash", "-c", command, "bench", target], cwd=ROOT).returncode == 0


def build_peer(name, compiler, command, **options):
    """Runs the command that builds a peer; False with a message where that cannot be done."""
    if not shutil.which(compiler):
        say(f"{name} is left out: there is no {compiler} to build it with")
        return False
    say(f"building {name}, once")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode != 0:
        say(f"{name} is left out: {' '.join(map(str, command))} failed: {done.stderr.strip().splitlines()[-1:]}")
    return done.returncode == 0


def go_peer(name, package):
    """The path of a peer's program, built with `go install` when it is not there yet; None when it cannot be had."""
    program = TOOLS / name
    TOOLS.mkdir(parents=True, exist_ok=True)
    if program.exists() or build_peer(name, "go", ["go", "install", package], env=os.environ | {"GOBIN": str(TOOLS)}):
        return program
    return None


def version_of(name, program):
    if name == "kubegate":
        out = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
        return out.stdout.strip() or "unknown"
    out = subprocess.run(["go", "version", "-m", program], capture_output=True, text=True).stdout \
        if shutil.which("go") else ""
    found = re.search(r"^\s*mod\s+\S+\s+(\S+)", out, re.MULTILINE)
    return found[1] if found else "unknown"


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
