"""QR pictures, as SVG without scripts or styles."""

from __future__ import annotations

import qrcode
from qrcode.image.svg import SvgPathImage


def qr_svg(text: str) -> str:
    """A QR code of the text: dark squares as one path, four modules of white around it."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    return str(code.make_image(image_factory=SvgPathImage).to_string(encoding="unicode"))
