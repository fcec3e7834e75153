"""Write down, while an image is built, which packages it contains (CycloneDX 1.6, JSON).

    python3 -m sbom NAME ROOT INPUTS

NAME is the service, ROOT the image's root folder, INPUTS a folder that has the image's Dockerfile,
balena.yml and what else is known of its origin: package-lock.json, pip-report.json. The result is
/usr/share/sbom/NAME.cdx.json. The same image gives the same bytes: it has no date and no number of
its own.

The standard library only: it runs inside images, Home Assistant's too, and installs nothing there.
"""
