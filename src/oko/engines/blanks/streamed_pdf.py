"""A PDF of any number of pages in the memory of one: each page goes into the file as soon as it is finished.

ReportLab keeps all pages until the end. Here its document is told to write a page at once and to keep of it
nothing but where its objects begin, 8 bytes each; fonts, whose subsets grow with each page, and the tree of
pages come last, as PDF allows (ISO 32000-1, 7.5).
"""

from __future__ import annotations

from array import array
from typing import Any, BinaryIO

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

_PAGES_A_NODE = 250  # a tree, and not one long list: any page is found quickly


class StreamedCanvas(Canvas):  # type: ignore[misc]  # ReportLab has no types
    """A canvas on which `showPage` writes the page, and `save` writes the rest. The file is not closed."""

    def __init__(self, file: BinaryIO, *, pagesize: tuple[float, float]) -> None:
        super().__init__(file, pagesize=pagesize, pageCompression=1, invariant=1)
        self._doc = _StreamedDocument(file)
        self._make_preamble()  # names a font in the document

    def save(self) -> None:
        self._doc.finish(self)


class _StreamedDocument(pdfdoc.PDFDocument):  # type: ignore[misc]
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(compression=1, invariant=1)
        self._file = file
        self._at = 0
        self._offsets = array("Q", [0])  # by number of the object; 0: not written
        self._nodes: list[Any] = []
        self._last_kids: list[bytes] = []
        self._write(b"%%PDF-%d.%d\n%%\x93\x8c\x8b\x9e\n" % self._pdfVersion)

    def addPage(self, page: Any) -> None:  # noqa: N802 — ReportLab's name
        if not self._nodes or len(self._last_kids) == _PAGES_A_NODE:
            self._begin_node()
        page.Parent = self._nodes[-1]
        reference = self.Reference(page)
        self._last_kids.append(reference.format(self))
        self._write_object(page.__InternalName__, forget=True)
        self._write_object(page.Contents.__InternalName__, forget=True)  # named while the page was written
        self.pageCounter += 1
        self.inObject = None

    def finish(self, canvas: Canvas) -> None:
        """Write what all pages share, and the table of objects."""
        for font in self.delayedFonts:
            font.addObjects(self)
        if self._nodes:
            self._end_node()
        self.Pages = self.Catalog.Pages = self._root()
        self.info.invariant = self.invariant
        self.info.digest(self.signature)
        catalog, info = self.Reference(self.Catalog), self.Reference(self.info)
        self.Outlines.prepare(self, canvas)
        if self.Outlines.ready < 0:
            self.Catalog.Outlines = None
        number = 1
        while number <= self.objectcounter:  # writing may number more objects
            if name := self.numberToId.get(number):
                self._write_object(name)
            number += 1
        self._write_table(catalog, info)

    def _begin_node(self) -> None:
        """The next pages hang on a new node of the tree, which is written when it is full."""
        if self._nodes:
            self._end_node()
        name = f"Node{len(self._nodes)}"
        self.Reference(_Raw(b""), name)
        self._nodes.append(pdfdoc.PDFObjectReference(name))

    def _end_node(self) -> None:
        root = self.Reference(self.idToObject.get("Root") or _Raw(b""), "Root")
        kids, count = b" ".join(self._last_kids), len(self._last_kids)
        self.idToObject[self._nodes[-1].name] = _Raw(
            b"<< /Type /Pages /Parent %s /Count %d /Kids [ %s ] >>" % (root.format(self), count, kids)
        )
        self._write_object(self._nodes[-1].name)
        self._last_kids = []

    def _root(self) -> Any:
        kids = b" ".join(node.format(self) for node in self._nodes)
        content = b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (self.pageCounter - 1, kids)
        self.idToObject["Root"].content = content
        return pdfdoc.PDFObjectReference("Root")

    def _write_object(self, name: str, *, forget: bool = False) -> None:
        """Write an object; one that nothing written later names loses its number too."""
        number, _ = self.idToObjectNumberAndVersion[name]
        written = pdfdoc.PDFIndirectObject(name, self.idToObject[name]).format(self)
        self._offsets.extend([0] * (number + 1 - len(self._offsets)))
        self._offsets[number] = self._at
        self._write(written)
        del self.idToObject[name], self.numberToId[number]
        if forget:
            del self.idToObjectNumberAndVersion[name]

    def _write_table(self, catalog: Any, info: Any) -> None:
        begins = self._at
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        trailer = pdfdoc.PDFTrailer(
            startxref=begins, Size=len(self._offsets), Root=catalog, Info=info, ID=self.ID()
        )
        self._write(trailer.format(self))

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._at += len(content)


class _Raw(pdfdoc.PDFObject):  # type: ignore[misc]
    """An object already in the words of PDF."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def format(self, document: Any) -> bytes:
        return self.content
