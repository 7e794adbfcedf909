"""Makes the zip files behind DOCX and XLSX say nothing about when and where they were made."""

import zipfile
from io import BytesIO

EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file can name


def settled(content: bytes, replace: dict[str, bytes] | None = None) -> bytes:
    """The same zip with fixed times, stored uncompressed (compressors differ), some members replaced."""
    paper = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(paper, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 0
            info.external_attr = 0
            new.writestr(info, (replace or {}).get(name, old.read(name)))
    return paper.getvalue()
