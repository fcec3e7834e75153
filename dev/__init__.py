"""Development tools. The image does not contain them, and nothing in hems imports them.

launcher/       the commands of bin/, and the gateway that bin/up runs on this machine (the desk)
simulator/      a Linky with its D2L dongle, Zigbee meters, an MQTT broker, balena's Supervisor
check/          the static checks of bin/check
documents/      the parts of documents that follow from tables in the code
advisories/     what is known against the packages of the images, for bin/advisories
home_assistant/ the real Home Assistant on a desk
image_digests/  the digests of the images that a build starts from, for bin/pin
live_page/      what bin/up shows in a browser
pictures/       the pictures of docs/pictures
wipe/           what bin/wipe removes from a gateway that changes hands
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]  # the checkout
