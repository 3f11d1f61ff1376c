"""The farm that peers are measured on, and measuring one run."""

import os
import shutil
import subprocess

from peers import BENCH, RELEASE


def make_farm(overlays, files):
    """The folder of the farm, made anew when the generator has changed since."""
    farm = BENCH / f"farm-{overlays}-{files}"
    generator = RELEASE / "bench" / "kubegate_farm"
    done = farm.with_suffix(".done")
    if not done.exists() or done.stat().st_mtime < generator.stat().st_mtime:
        shutil.rmtree(farm, ignore_errors=True)
        subprocess.run([generator, farm, "--overlays", str(overlays), "--files-per-overlay", str(files)], check=True)
        done.touch()
    return farm


def measure(command, threads):
    """(wall s, CPU s, peak MB, exit code) of one run."""
    environment = os.environ | {"GOMAXPROCS": str(threads)}
    out = subprocess.run([RELEASE / "bench" / "kubegate_measure", *command], env=environment,
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    wall, cpu, memory, status = (int(field) for field in out.split())
    return wall / 1e9, cpu / 1e6, memory / 1024, status


def seconds(value):
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"
