"""Make this guest a Raspberry Pi 5 as far as its GPIO header goes; run once as root.

gpio-sim (Documentation/admin-guide/gpio/gpio-sim.rst of Linux) makes a chip of 54 lines that
bears the label of the Pi 5's header. gpiozero asks /proc/cpuinfo which board it is on.
"""

from pathlib import Path

from hems.system import subprocesses

CHIP = Path("/sys/kernel/config/gpio-sim/header")
LINES, LABEL, REVISION = 54, "pinctrl-rp1", "c04170"  # a Pi 5 with 4 GB
CPUINFO, OWN_CPUINFO = Path("/proc/cpuinfo"), Path("/run/cpuinfo")


def main() -> None:
    """Make the chip and the revision."""
    subprocesses.run(["modprobe", "gpio-sim"], 30)
    (CHIP / "bank").mkdir(parents=True)
    (CHIP / "bank" / "num_lines").write_text(str(LINES))
    (CHIP / "bank" / "label").write_text(LABEL)
    (CHIP / "live").write_text("1")
    OWN_CPUINFO.write_text(f"{CPUINFO.read_text()}Revision\t: {REVISION}\n")
    subprocesses.run(["mount", "--bind", str(OWN_CPUINFO), str(CPUINFO)], 30)


if __name__ == "__main__":
    main()
