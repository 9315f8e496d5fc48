#include "check.h"

int main(void)
{
	char *p = GlobalAlloc(GPTR, 100);
	INT(p != NULL);
	INT(p[0] + p[99]);
	INT(GlobalSize(p));
	INT(GlobalFlags(p));
	INT(GlobalLock(p) == p);
	INT(GlobalHandle(p) == p);
	SetLastError(0xDEAD);
	INT(GlobalFree(p) == NULL);

	HGLOBAL h = GlobalAlloc(GHND, 64);
	INT(h != NULL);
	INT(GlobalFlags(h));
	p = GlobalLock(h);
	INT((void *)p != h);
	INT(*(void **)h == p);
	INT(GlobalFlags(h));
	INT(GlobalHandle(p) == h);
	INT(GlobalLock(h) == p);
	INT(GlobalFlags(h));
	strcpy(p, "kept");
	FAILS(GlobalUnlock(h));
	FAILS(GlobalUnlock(h));
	FAILS(GlobalUnlock(h));
	INT(GlobalReAlloc(h, 4096, GMEM_MOVEABLE) == h);
	INT(GlobalSize(h));
	p = GlobalLock(h);
	STR(p);
	GlobalUnlock(h);
	INT(GlobalFree(h) == NULL);

	h = GlobalAlloc(GMEM_MOVEABLE, 0);
	INT(h != NULL);
	INT(GlobalSize(h));
	INT(GlobalFlags(h));
	FAILS(GlobalLock(h) != NULL);
	INT(GlobalFree(h) == NULL);

	p = LocalAlloc(LPTR, 10);
	INT(LocalSize(p));
	FAILS(LocalUnlock(p));
	INT(LocalLock(p) == p);
	strcpy(p, "text");
	char *q = LocalReAlloc(p, 2000, LMEM_MOVEABLE | LMEM_ZEROINIT);
	STR(q);
	INT(LocalSize(q));
	INT(LocalFree(q) == NULL);
	INT(LocalFree(NULL) == NULL);

	h = LocalAlloc(LHND, 32);
	INT(LocalFlags(h));
	q = LocalLock(h);
	INT(LocalFlags(h));
	INT(LocalHandle(q) == h);
	FAILS(LocalUnlock(h));
	INT(LocalReAlloc(h, 0, LMEM_MOVEABLE) == h);
	INT(LocalFlags(h) & LMEM_DISCARDED);
	INT(LocalFree(h) == NULL);

	INT(IsBadReadPtr(&h, sizeof h));
	INT(IsBadReadPtr(NULL, 1));
	INT(IsBadReadPtr(NULL, 0));
	INT(IsBadWritePtr(&h, sizeof h));
	INT(IsBadWritePtr((void *)"constant", 1));
	INT(IsBadStringPtrA("text", 100));
	INT(IsBadStringPtrA(NULL, 1));
	INT(IsBadCodePtr((FARPROC)(void (*)(void))main));
	INT(MulDiv(7, 3, 2));
	INT(MulDiv(-7, 3, 2));
	INT(MulDiv(7, -3, -2));
	INT(MulDiv(1, 1, 0));
	INT(MulDiv(0x7FFFFFFF, 2, 1));
	INT(MulDiv(0x7FFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF));
	INT(MulDiv(1, 1, 2));
	INT(MulDiv(-1, 1, 2));
	return 0;
}
