/* CONTEXTs that are made and copied, without extended processor state. */
#include "check.h"

static unsigned char buffer[4096], other[4096];

int main(void)
{
	HMODULE k = GetModuleHandleA("kernel32.dll");
	BOOL (WINAPI *init)(void *, DWORD, CONTEXT **, DWORD *) = (void *)GetProcAddress(k, "InitializeContext");
	BOOL (WINAPI *init2)(void *, DWORD, CONTEXT **, DWORD *, ULONG64) = (void *)GetProcAddress(k, "InitializeContext2");
	BOOL (WINAPI *copy)(CONTEXT *, DWORD, CONTEXT *) = (void *)GetProcAddress(k, "CopyContext");
	void *(WINAPI *locate)(CONTEXT *, DWORD, DWORD *) = (void *)GetProcAddress(k, "LocateXStateFeature");
	BOOL (WINAPI *mask)(CONTEXT *, DWORD64 *) = (void *)GetProcAddress(k, "GetXStateFeaturesMask");
	BOOL (WINAPI *setmask)(CONTEXT *, DWORD64) = (void *)GetProcAddress(k, "SetXStateFeaturesMask");
	CONTEXT *c = NULL, *d = NULL;
	DWORD n = 0;

	FAILS(init(NULL, CONTEXT_FULL, NULL, &n));
	INT(n);
	n--;
	FAILS(init(buffer, CONTEXT_FULL, &c, &n));
	INT(n);
	n = sizeof buffer;
	memset(buffer, 0xCC, sizeof buffer);
	FAILS(init(buffer + 1, CONTEXT_FULL, &c, &n));
	CHECK("placed", "%d %d", (int)((unsigned char *)c - buffer), ((ULONG_PTR)c & 15) == 0);
	INT(n);
	HEX(c->ContextFlags);
	HEX(c->Rax);
	n = sizeof other;
	FAILS(init2(other, CONTEXT_ALL, &d, &n, ~0ull));
	HEX(d->ContextFlags);
	FAILS(init(other, 0, &d, &n));

	n = sizeof other;
	init(other, CONTEXT_ALL, &d, &n);
	memset((char *)d + 0x38, 0x11, sizeof *d - 0x38);
	memset((char *)c + 0x38, 0x22, sizeof *c - 0x38);
	c->ContextFlags = CONTEXT_CONTROL;
	FAILS(copy(c, CONTEXT_CONTROL | CONTEXT_INTEGER, d));
	HEX(c->ContextFlags);
	CHECK("copied", "%llx %llx %llx %x %x", c->Rip, c->Rax, c->Dr0, c->SegCs, c->SegDs);
	FAILS(copy(c, CONTEXT_ALL, d));
	CHECK("all", "%llx %llx %x %llx", c->Dr0, c->Dr7, c->SegDs, c->FltSave.XmmRegisters[15].Low);

	DWORD64 m = 5;
	FAILS(mask(c, &m));
	HEX(m);
	FAILS(setmask(c, 4));
	n = 7;
	INT(locate(c, 0, &n) == &c->FltSave);
	INT(n);
	INT(locate(c, 1, &n) == &c->FltSave.XmmRegisters);
	INT(n);
	INT(locate(c, 2, &n) == NULL);
	INT(locate(c, 63, NULL) == NULL);

	/* What is live, in the registers of x87 and SSE. */
	CONTEXT live = {.ContextFlags = CONTEXT_FULL};
	long double x[2] = {1.5L, -3.0L};
	asm volatile("fninit; fldt %1; fldt %0; movaps %%xmm6, %%xmm6" :: "m"(x[0]), "m"(x[1]));
	RtlCaptureContext(&live);
	asm volatile("fninit");
	CHECK("x87", "%x %x %x", live.FltSave.ControlWord, live.FltSave.StatusWord & 0x3800, live.FltSave.TagWord);
	CHECK("top", "%llx %llx", live.FltSave.FloatRegisters[0].Low, live.FltSave.FloatRegisters[0].High & 0xFFFF);
	CHECK("second", "%llx %llx", live.FltSave.FloatRegisters[1].Low, live.FltSave.FloatRegisters[1].High & 0xFFFF);
	CHECK("mxcsr", "%lx %lx", live.MxCsr, live.FltSave.MxCsr);
	return 0;
}
