"""The real Home Assistant on a desk, with the files of services/homeassistant.

installation.py        where it comes from: a root file system on Debian, or a virtual environment
root_mounts.py         what a container of it has, as mounts
chroot_start.py        run it in a root file system
start_on_desk.py       what its own Python does first, in both
desk_configuration.py  the service's default files, changed for a desk
"""
