// build: -lgdi32
#include "check.h"

int main(void)
{
	HDC screen = GetDC(NULL), memory = CreateCompatibleDC(screen);
	INT(screen != NULL);
	INT(memory != NULL);
	INT(GetObjectType(screen));
	INT(GetObjectType(memory));
	INT(GetObjectType(NULL));
	INT(GetDeviceCaps(screen, BITSPIXEL));
	INT(GetDeviceCaps(screen, PLANES));
	INT(GetDeviceCaps(screen, TECHNOLOGY));
	INT(GetDeviceCaps(screen, LOGPIXELSX));

	for (int i = WHITE_BRUSH; i <= DC_PEN; i++)
		CHECK("stock object", "%d: %lu", i, i == 9 ? 0 : GetObjectType(GetStockObject(i)));

	BITMAP b;
	HBITMAP bitmap = CreateCompatibleBitmap(screen, 30, 20), first = SelectObject(memory, bitmap);
	INT(bitmap != NULL);
	INT(first != NULL);
	INT(GetObjectType(first));
	INT(GetObjectW(first, sizeof b, &b));
	CHECK("first bitmap", "%ld %ld %d", b.bmWidth, b.bmHeight, b.bmBitsPixel);
	INT(GetObjectW(bitmap, sizeof b, &b));
	CHECK("bitmap", "%ld %ld %ld %d %d", b.bmWidth, b.bmHeight, b.bmWidthBytes, b.bmPlanes, b.bmBitsPixel);
	INT(b.bmBits == NULL);
	INT(GetObjectW(bitmap, 0, NULL));
	INT(GetObjectW(bitmap, 5, &b));
	INT(GetCurrentObject(memory, OBJ_BITMAP) == bitmap);
	HDC other = CreateCompatibleDC(NULL);
	INT(SelectObject(other, bitmap) == NULL);
	INT(SelectObject(screen, bitmap) == NULL);
	INT(BitBlt(memory, 0, 0, 30, 20, screen, 0, 0, SRCCOPY));
	INT(BitBlt(memory, 0, 0, 30, 20, NULL, 0, 0, BLACKNESS));
	INT(BitBlt(memory, 0, 0, 30, 20, NULL, 0, 0, SRCCOPY));
	INT(BitBlt(NULL, 0, 0, 30, 20, screen, 0, 0, SRCCOPY));
	INT(StretchBlt(memory, 0, 0, 30, 20, screen, 0, 0, 60, 40, SRCCOPY));
	INT(PatBlt(memory, 0, 0, 30, 20, BLACKNESS));

	BITMAPINFO info = {.bmiHeader = {.biSize = sizeof info.bmiHeader, .biWidth = 30, .biHeight = -20, .biPlanes = 1, .biBitCount = 32}};
	static DWORD pixels[600];
	memset(pixels, 0x55, sizeof pixels);
	INT(GetDIBits(memory, bitmap, 0, 20, pixels, &info, DIB_RGB_COLORS));
	HEX(pixels[0] & 0xFFFFFF);
	HEX(pixels[599] & 0xFFFFFF);
	memset(&info, 0, sizeof info);
	info.bmiHeader.biSize = sizeof info.bmiHeader;
	INT(GetDIBits(memory, bitmap, 0, 0, NULL, &info, DIB_RGB_COLORS) != 0);
	CHECK("format", "%ld %ld %d %d", info.bmiHeader.biWidth, info.bmiHeader.biHeight, info.bmiHeader.biPlanes, info.bmiHeader.biBitCount);

	INT(SelectObject(memory, first) == bitmap);
	INT(DeleteObject(bitmap));
	INT(DeleteObject(bitmap));
	INT(GetObjectType(bitmap));

	BITMAPINFO dib = {.bmiHeader = {.biSize = sizeof dib.bmiHeader, .biWidth = 7, .biHeight = 3, .biPlanes = 1, .biBitCount = 24}};
	unsigned char *bits = NULL;
	HBITMAP section = CreateDIBSection(memory, &dib, DIB_RGB_COLORS, (void **)&bits, NULL, 0);
	INT(section != NULL);
	INT(bits[0] + bits[71]);
	DIBSECTION d;
	INT(GetObjectW(section, sizeof d, &d));
	CHECK("section", "%ld %ld %ld %d %d", d.dsBm.bmWidth, d.dsBm.bmHeight, d.dsBm.bmWidthBytes, d.dsBm.bmBitsPixel, d.dsBm.bmBits == bits);
	INT(d.dsBmih.biSizeImage);
	INT(GetObjectW(section, sizeof b, &b));
	INT(GetObjectW(section, 0, NULL));
	bits[5] = 0xAB;
	unsigned char copy[72];
	INT(GetDIBits(memory, section, 0, 3, copy, &dib, DIB_RGB_COLORS));
	HEX(copy[5]);
	INT(DeleteObject(section));

	HBRUSH brush = CreateSolidBrush(RGB(1, 2, 3)), white = SelectObject(memory, brush);
	INT(white == GetStockObject(WHITE_BRUSH));
	LOGBRUSH lb;
	INT(GetObjectW(brush, sizeof lb, &lb));
	CHECK("brush", "%u %lx", lb.lbStyle, lb.lbColor);
	INT(SelectObject(memory, white) == brush);
	INT(DeleteObject(brush));
	HPEN pen = CreatePen(PS_DOT, 4, RGB(9, 8, 7));
	LOGPEN lp;
	INT(GetObjectW(pen, sizeof lp, &lp));
	CHECK("pen", "%u %ld %lx", lp.lopnStyle, lp.lopnWidth.x, lp.lopnColor);
	INT(DeleteObject(pen));
	INT(DeleteObject(GetStockObject(BLACK_PEN)));
	INT(GetObjectType(GetStockObject(BLACK_PEN)));

	HFONT font = CreateFontW(-12, 0, 0, 0, 700, 1, 0, 0, 0, 0, 0, 0, 0x20, L"Courier New");
	LOGFONTW lf;
	INT(GetObjectW(font, sizeof lf, &lf));
	CHECK("font", "%ld %ld %d %d", lf.lfHeight, lf.lfWeight, lf.lfItalic, lf.lfPitchAndFamily);
	WSTR(lf.lfFaceName);
	LOGFONTA la;
	INT(GetObjectA(font, sizeof la, &la));
	STR(la.lfFaceName);
	HFONT twin = CreateFontIndirectA(&la);
	INT(GetObjectW(twin, sizeof lf, &lf));
	WSTR(lf.lfFaceName);
	INT(DeleteObject(font));
	INT(DeleteObject(twin));

	HEX(GetTextColor(memory));
	HEX(GetBkColor(memory));
	INT(GetBkMode(memory));
	HEX(SetTextColor(memory, RGB(10, 20, 30)));
	HEX(SetBkColor(memory, RGB(40, 50, 60)));
	INT(SetBkMode(memory, TRANSPARENT));
	INT(SaveDC(memory));
	HEX(SetTextColor(memory, RGB(1, 1, 1)));
	INT(SaveDC(memory));
	INT(RestoreDC(memory, 1));
	HEX(GetTextColor(memory));
	INT(RestoreDC(memory, 1));
	INT(RestoreDC(memory, -1));
	INT(SetBkMode(NULL, TRANSPARENT));
	HEX(SetTextColor(NULL, 0));
	INT(SetTextAlign(memory, TA_RIGHT));
	INT(GetTextAlign(memory));
	INT(SetStretchBltMode(memory, HALFTONE));
	INT(GetStretchBltMode(memory));
	POINT was = {9, 9};
	INT(MoveToEx(memory, 3, 4, &was));
	CHECK("position", "%ld %ld", was.x, was.y);
	INT(LineTo(memory, 5, 6));
	INT(MoveToEx(memory, 0, 0, &was));
	CHECK("position", "%ld %ld", was.x, was.y);

	INT(DeleteDC(other));
	INT(DeleteDC(memory));
	INT(DeleteDC(memory));
	INT(ReleaseDC(NULL, screen));
	return 0;
}
