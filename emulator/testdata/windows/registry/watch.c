#include "check.h"

static HKEY key;
static HANDLE event;

static LONG watch(BOOL tree, DWORD filter)
{
	return RegNotifyChangeKeyValue(key, tree, filter, event, TRUE);
}

static DWORD signalled(void) { return WaitForSingleObject(event, 0); }

static DWORD WINAPI waiter(void *p)
{
	(void)p;
	return RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_LAST_SET, NULL, FALSE);
}

static void set(const char *sub, DWORD v)
{
	HKEY k;
	RegCreateKeyExA(key, sub, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &k, NULL);
	RegSetValueExA(k, "value", 0, REG_DWORD, (BYTE *)&v, sizeof v);
	RegCloseKey(k);
}

int main(void)
{
	DWORD v = 1, code = 99;
	HKEY sub;
	event = CreateEventA(NULL, TRUE, FALSE, NULL);
	RegDeleteTreeA(HKEY_CURRENT_USER, "Software\\check_watch");
	INT(RegCreateKeyExA(HKEY_CURRENT_USER, "Software\\check_watch", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL));
	INT(watch(FALSE, REG_NOTIFY_CHANGE_LAST_SET));
	INT(signalled());
	INT(RegSetValueExA(key, "v", 0, REG_DWORD, (BYTE *)&v, sizeof v));
	INT(signalled());
	ResetEvent(event);
	/* For one change only. */
	INT(RegSetValueExA(key, "v2", 0, REG_DWORD, (BYTE *)&v, sizeof v));
	INT(signalled());
	INT(watch(FALSE, REG_NOTIFY_CHANGE_NAME));
	INT(RegSetValueExA(key, "v3", 0, REG_DWORD, (BYTE *)&v, sizeof v));
	INT(signalled());
	INT(RegCreateKeyExA(key, "sub", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &sub, NULL));
	INT(signalled());
	INT(watch(FALSE, REG_NOTIFY_CHANGE_LAST_SET));
	set("sub", 1);
	INT(signalled());
	ResetEvent(event);
	RegSetValueExA(key, "v", 0, REG_DWORD, (BYTE *)&v, sizeof v);
	ResetEvent(event);
	INT(watch(TRUE, REG_NOTIFY_CHANGE_LAST_SET | REG_NOTIFY_CHANGE_NAME));
	set("sub", 2);
	INT(signalled());
	INT(watch(TRUE, REG_NOTIFY_CHANGE_LAST_SET));
	INT(signalled());
	INT(RegDeleteValueA(key, "v"));
	INT(signalled());
	INT(watch(FALSE, REG_NOTIFY_CHANGE_NAME));
	RegCloseKey(sub);
	INT(RegDeleteKeyA(key, "sub"));
	INT(signalled());
	HANDLE t = CreateThread(NULL, 0, waiter, NULL, 0, NULL);
	INT(WaitForSingleObject(t, 100));
	RegSetValueExA(key, "v", 0, REG_DWORD, (BYTE *)&v, sizeof v);
	INT(WaitForSingleObject(t, 2000));
	GetExitCodeThread(t, &code);
	INT(code);
	INT(RegNotifyChangeKeyValue((HKEY)0x1234568, FALSE, REG_NOTIFY_CHANGE_NAME, event, TRUE));
	INT(watch(FALSE, REG_NOTIFY_CHANGE_LAST_SET));
	INT(signalled());
	INT(RegCloseKey(key));
	INT(signalled());
	INT(RegDeleteKeyA(HKEY_CURRENT_USER, "Software\\check_watch"));

	/* The two views of the machine's software. */
	HKEY k32, k64;
	DWORD made = 0, type, n = sizeof v;
	RegDeleteKeyExA(HKEY_LOCAL_MACHINE, "Software\\check_view", KEY_WOW64_32KEY, 0);
	INT(RegCreateKeyExA(HKEY_LOCAL_MACHINE, "Software\\check_view", 0, NULL, 0, KEY_ALL_ACCESS | KEY_WOW64_32KEY, NULL, &k32, &made));
	INT(made);
	v = 32;
	RegSetValueExA(k32, "bits", 0, REG_DWORD, (BYTE *)&v, sizeof v);
	INT(RegOpenKeyExA(HKEY_LOCAL_MACHINE, "Software\\check_view", 0, KEY_READ, &k64));
	INT(RegOpenKeyExA(HKEY_LOCAL_MACHINE, "Software\\check_view", 0, KEY_READ | KEY_WOW64_64KEY, &k64));
	INT(RegOpenKeyExA(HKEY_LOCAL_MACHINE, "Software\\Wow6432Node\\check_view", 0, KEY_READ, &k64));
	v = 0;
	INT(RegQueryValueExA(k64, "bits", NULL, &type, (BYTE *)&v, &n));
	INT(v);
	RegCloseKey(k32);
	RegCloseKey(k64);
	INT(RegDeleteKeyExA(HKEY_LOCAL_MACHINE, "Software\\check_view", KEY_WOW64_64KEY, 0));
	INT(RegDeleteKeyExA(HKEY_LOCAL_MACHINE, "Software\\check_view", KEY_WOW64_32KEY, 0));
	return 0;
}
