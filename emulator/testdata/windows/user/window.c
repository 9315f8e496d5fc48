// build: -luser32
#include "check.h"

/* Windows of our own: what they are told and what can be asked of them. */
static int quiet;

static const char *name(UINT m)
{
	switch (m) {
	case WM_NCCREATE: return "NCCREATE";
	case WM_NCCALCSIZE: return "NCCALCSIZE";
	case WM_CREATE: return "CREATE";
	case WM_DESTROY: return "DESTROY";
	case WM_NCDESTROY: return "NCDESTROY";
	case WM_CLOSE: return "CLOSE";
	case WM_USER + 1: return "USER+1";
	case WM_USER + 2: return "USER+2";
	case WM_TIMER: return "TIMER";
	case WM_GETTEXT: return "GETTEXT";
	case WM_GETTEXTLENGTH: return "GETTEXTLENGTH";
	case WM_SETTEXT: return "SETTEXT";
	}
	return NULL;
}

static LRESULT CALLBACK procedure(HWND w, UINT m, WPARAM a, LPARAM b)
{
	if (!quiet && name(m))
		CHECK(name(m), "%lld", m == WM_USER + 1 || m == WM_USER + 2 ? (long long)a : 0);
	switch (m) {
	case WM_CREATE: {
		CREATESTRUCTA *c = (CREATESTRUCTA *)b;
		if (!quiet)
			CHECK("create", "%lld %s %s %d %d", (long long)c->lpCreateParams, c->lpszName, c->lpszClass, c->cx, c->cy);
		return c->lpCreateParams == (void *)13 ? -1 : 0;
	}
	case WM_NCCREATE:
		if (((CREATESTRUCTA *)b)->lpCreateParams == (void *)14)
			return FALSE;
		break;
	case WM_USER + 1:
		return a + b;
	}
	return DefWindowProcA(w, m, a, b);
}

static BOOL CALLBACK each(HWND w, LPARAM p)
{
	char b[40];
	if (GetClassNameA(w, b, sizeof b) && strcmp(b, "sidetrace window") == 0)
		++*(int *)p;
	return TRUE;
}

static DWORD WINAPI other(void *w)
{
	INT(SendMessageA(w, WM_USER + 1, 20, 22));
	INT(PostMessageA(w, WM_USER + 2, 5, 0));
	return 0;
}

int main(void)
{
	char b[100];
	WNDCLASSEXA c = {.cbSize = sizeof c, .lpfnWndProc = procedure, .hInstance = GetModuleHandleA(NULL), .lpszClassName = "sidetrace window", .cbWndExtra = 16, .cbClsExtra = 8};
	INT(RegisterClassExA(&c) != 0);
	FAILS(RegisterClassExA(&c));
	FAILS(CreateWindowExA(0, "no such class", "", 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL) == NULL);
	HWND w = CreateWindowExA(0, "SIDETRACE WINDOW", "a title", WS_POPUP, 10, 20, 300, 200, NULL, NULL, c.hInstance, (void *)5);
	INT(w != NULL);
	INT(CreateWindowExA(0, "sidetrace window", "refused", WS_POPUP, 0, 0, 1, 1, NULL, NULL, NULL, (void *)13) == NULL);
	INT(CreateWindowExA(0, "sidetrace window", "refused", WS_POPUP, 0, 0, 1, 1, NULL, NULL, NULL, (void *)14) == NULL);

	INT(IsWindow(w));
	FAILS(IsWindow((HWND)0x1234));
	INT(IsWindowVisible(w));
	INT(IsWindowEnabled(w));
	INT(IsWindowUnicode(w));
	INT(GetWindowTextLengthA(w));
	INT(GetWindowTextA(w, b, sizeof b));
	STR(b);
	INT(GetWindowTextA(w, b, 4));
	STR(b);
	INT(SetWindowTextA(w, "another"));
	WCHAR wide[20];
	INT(GetWindowTextW(w, wide, 20));
	WSTR(wide);
	INT(GetClassNameA(w, b, sizeof b));
	STR(b);
	INT(GetClassNameA(w, b, 5));
	STR(b);
	RECT r;
	INT(GetWindowRect(w, &r));
	CHECK("rect", "%ld %ld %ld %ld", r.left, r.top, r.right, r.bottom);
	INT(GetClientRect(w, &r));
	CHECK("client", "%ld %ld %ld %ld", r.left, r.top, r.right, r.bottom);
	INT(MoveWindow(w, 1, 2, 30, 40, FALSE));
	GetWindowRect(w, &r);
	CHECK("moved", "%ld %ld %ld %ld", r.left, r.top, r.right, r.bottom);
	INT(GetWindowLongPtrA(w, GWLP_WNDPROC) == (LONG_PTR)procedure);
	INT(SetWindowLongPtrA(w, GWLP_USERDATA, 77));
	INT(GetWindowLongPtrA(w, GWLP_USERDATA));
	INT(SetWindowLongPtrA(w, 8, 99));
	INT(GetWindowLongPtrA(w, 8));
	FAILS(GetWindowLongPtrA(w, 12));
	FAILS(GetWindowLongPtrA(w, -100));
	HEX(GetWindowLongA(w, GWL_STYLE) & WS_POPUP);
	INT(GetClassLongPtrA(w, GCL_CBWNDEXTRA));
	INT(GetClassLongPtrA(w, GCL_CBCLSEXTRA));
	DWORD pid = 0;
	INT(GetWindowThreadProcessId(w, &pid) == GetCurrentThreadId());
	INT(pid == GetCurrentProcessId());
	INT(FindWindowA("sidetrace window", NULL) == w);
	INT(FindWindowA(NULL, "another") == w);
	INT(FindWindowA("sidetrace window", "nothing") == NULL);
	int n = 0;
	INT(EnumWindows(each, (LPARAM)&n));
	INT(n);
	n = 0;
	INT(EnumThreadWindows(GetCurrentThreadId(), each, (LPARAM)&n));
	INT(n);

	INT(SendMessageA(w, WM_USER + 1, 1, 2));
	FAILS(SendMessageA((HWND)0x1234, WM_USER + 1, 1, 2));
	INT(PostMessageA(w, WM_USER + 2, 3, 4));
	FAILS(PostMessageA((HWND)0x1234, WM_USER, 0, 0));
	MSG m;
	INT(PeekMessageA(&m, w, WM_USER, WM_USER + 10, PM_NOREMOVE));
	INT(PeekMessageA(&m, w, WM_USER, WM_USER + 10, PM_REMOVE));
	CHECK("message", "%x %lld %lld %d", m.message, (long long)m.wParam, (long long)m.lParam, m.hwnd == w);
	INT(DispatchMessageA(&m));
	INT(PeekMessageA(&m, w, WM_USER, WM_USER + 10, PM_REMOVE));

	HANDLE t = CreateThread(NULL, 0, other, w, 0, NULL);
	GetMessageA(&m, w, WM_USER, WM_USER + 10);
	WaitForSingleObject(t, INFINITE);
	CHECK("got", "%x", m.message);
	DispatchMessageA(&m);

	INT(SetTimer(w, 3, 20, NULL));
	GetMessageA(&m, w, WM_TIMER, WM_TIMER);
	CHECK("timer", "%lld", (long long)m.wParam);
	DispatchMessageA(&m);
	INT(KillTimer(w, 3));
	FAILS(KillTimer(w, 3));

	quiet = 1;
	HWND child = CreateWindowExA(0, "sidetrace window", "child", WS_CHILD, 1, 1, 5, 5, w, (HMENU)42, c.hInstance, NULL);
	quiet = 0;
	INT(child != NULL);
	INT(GetParent(child) == w);
	INT(GetAncestor(child, GA_ROOT) == w);
	INT(IsChild(w, child));
	INT(GetDlgItem(w, 42) == child);
	FAILS(GetDlgItem(w, 43) == NULL);
	INT(GetWindow(w, GW_CHILD) == child);
	INT(GetDlgCtrlID(child));
	INT(EnableWindow(child, FALSE));
	INT(IsWindowEnabled(child));

	INT(DestroyWindow(w));
	INT(IsWindow(w));
	INT(IsWindow(child));
	FAILS(DestroyWindow((HWND)0x1234));
	INT(UnregisterClassA("sidetrace window", c.hInstance));
	FAILS(UnregisterClassA("sidetrace window", c.hInstance));
	PostQuitMessage(9);
	INT(GetMessageA(&m, NULL, 0, 0));
	CHECK("quit", "%x %lld", m.message, (long long)m.wParam);
	return 0;
}
