// build: -luser32
#include "check.h"

/* Messages of threads without windows, registered messages, waits for messages,
 * hooks. */
static DWORD WINAPI reader(void *started)
{
	MSG m;
	PeekMessageA(&m, NULL, 0, 0, PM_NOREMOVE); /* makes the queue */
	SetEvent(started);
	while (GetMessageA(&m, NULL, 0, 0) > 0)
		CHECK("read", "%x %lld %lld", m.message - WM_APP, (long long)m.wParam, (long long)m.lParam);
	CHECK("end", "%lld", (long long)m.wParam);
	return 3;
}

static VOID CALLBACK tick(HWND w, UINT m, UINT_PTR id, DWORD time)
{
	(void)id, (void)time;
	CHECK("tick", "%d %x", w == NULL, m);
}

static LRESULT CALLBACK hook(int code, WPARAM a, LPARAM b) { return CallNextHookEx(NULL, code, a, b); }

int main(void)
{
	HANDLE started = CreateEventA(NULL, FALSE, FALSE, NULL);
	DWORD id, code;
	HANDLE t = CreateThread(NULL, 0, reader, started, 0, &id);
	WaitForSingleObject(started, INFINITE);
	int posted = 0;
	for (int i = 1; i <= 3; i++)
		posted += PostThreadMessageA(id, WM_APP + i, i * 10, i * 100);
	posted += PostThreadMessageA(id, WM_QUIT, 8, 0);
	WaitForSingleObject(t, INFINITE);
	INT(posted);
	GetExitCodeThread(t, &code);
	INT(code);
	FAILS(PostThreadMessageA(0x12345678, WM_APP, 0, 0));

	UINT a = RegisterWindowMessageA("one of ours"), b = RegisterWindowMessageW(L"one of ours");
	INT(a == b);
	INT(a >= 0xC000);
	INT(RegisterWindowMessageA("another") != a);

	MSG m;
	INT(PeekMessageA(&m, NULL, 0, 0, PM_REMOVE));
	INT(PostMessageA(NULL, WM_APP, 1, 2));
	INT(MsgWaitForMultipleObjects(0, NULL, FALSE, 0, QS_ALLINPUT));
	INT(PeekMessageA(&m, NULL, 0, 0, PM_REMOVE));
	CHECK("own", "%x %d", m.message, m.hwnd == NULL);
	HANDLE e = CreateEventA(NULL, FALSE, TRUE, NULL);
	INT(MsgWaitForMultipleObjects(1, &e, FALSE, 0, QS_ALLINPUT));
	INT(MsgWaitForMultipleObjects(1, &e, FALSE, 0, QS_ALLINPUT));
	HANDLE bad = (HANDLE)0x1234;
	FAILS(MsgWaitForMultipleObjects(1, &bad, FALSE, 0, QS_ALLINPUT));

	UINT_PTR timer = SetTimer(NULL, 0, 15, tick);
	INT(timer != 0);
	GetMessageA(&m, NULL, WM_TIMER, WM_TIMER);
	INT(m.wParam == timer);
	DispatchMessageA(&m);
	INT(KillTimer(NULL, timer));

	HHOOK h = SetWindowsHookExA(WH_KEYBOARD, hook, NULL, GetCurrentThreadId());
	INT(h != NULL);
	INT(UnhookWindowsHookEx(h));
	FAILS(UnhookWindowsHookEx(h));
	FAILS(SetWindowsHookExA(99, hook, NULL, GetCurrentThreadId()) == NULL);
	FAILS(SetWindowsHookExA(WH_KEYBOARD, NULL, NULL, GetCurrentThreadId()) == NULL);

	INT(GetDesktopWindow() != NULL);
	INT(IsWindow(GetDesktopWindow()));
	INT(GetSystemMetrics(SM_CMONITORS));
	INT(GetSystemMetrics(SM_MOUSEPRESENT));
	INT(GetSystemMetrics(12345));
	INT(GetKeyState('A'));
	LASTINPUTINFO last = {sizeof last, 0};
	INT(GetLastInputInfo(&last));
	last.cbSize = 3;
	INT(GetLastInputInfo(&last));
	POINT p;
	INT(GetCursorPos(&p));
	INT(GetDoubleClickTime());
	return 0;
}
