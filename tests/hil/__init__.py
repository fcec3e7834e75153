"""Hardware in the loop, without the hardware: `tox -e hil`.

host.py     what the machine needs; installed by root in CI, elsewhere the tests are skipped
image.py    Debian's kernel and root file system, made once; build_cache.py keeps them
guest.py    QEMU boots them, without KVM; agent.py runs programs inside
home.py     a hotspot, a Wi-Fi station and a container in the guest
inside/     what runs in the guest
"""
