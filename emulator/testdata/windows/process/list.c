// build: -lpsapi
#include "check.h"
#include <psapi.h>
#include <tlhelp32.h>

int main(void)
{
	HANDLE s = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS | TH32CS_SNAPTHREAD, 0);
	INT(s != INVALID_HANDLE_VALUE);
	PROCESSENTRY32 e = {.dwSize = sizeof e};
	int mine = 0, services = 0, n = 0;
	for (BOOL ok = Process32First(s, &e); ok; ok = Process32Next(s, &e)) {
		n++;
		if (e.th32ProcessID == GetCurrentProcessId()) {
			mine++;
			STR(e.szExeFile);
			INT(e.cntThreads);
		}
		services += !_stricmp(e.szExeFile, "services.exe");
	}
	INT(GetLastError());
	INT(mine);
	INT(services);
	INT(n > 3);
	PROCESSENTRY32W w = {.dwSize = 10};
	w.dwSize = sizeof w;
	INT(Process32FirstW(s, &w));
	THREADENTRY32 t = {.dwSize = sizeof t};
	mine = 0;
	for (BOOL ok = Thread32First(s, &t); ok; ok = Thread32Next(s, &t))
		mine += t.th32OwnerProcessID == GetCurrentProcessId() && t.th32ThreadID == GetCurrentThreadId();
	INT(mine);
	MODULEENTRY32 m = {.dwSize = sizeof m};
	FAILS(Module32First(s, &m));
	INT(CloseHandle(s));
	s = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, GetCurrentProcessId());
	INT(Module32First(s, &m));
	STR(m.szModule);
	INT(m.modBaseAddr == (BYTE *)GetModuleHandleA(NULL));
	INT(m.th32ProcessID == GetCurrentProcessId());
	int kernel32 = 0;
	do
		kernel32 += !_stricmp(m.szModule, "kernel32.dll");
	while (Module32Next(s, &m));
	INT(kernel32);
	INT(CloseHandle(s));
	FAILS(Process32First(NULL, &e));

	DWORD ids[512], used = 0;
	INT(EnumProcesses(ids, sizeof ids, &used));
	mine = 0;
	for (DWORD i = 0; i < used / 4; i++)
		mine += ids[i] == GetCurrentProcessId();
	INT(mine);
	INT(EnumProcesses(ids, 8, &used));
	INT(used);
	FAILS(OpenProcess(PROCESS_ALL_ACCESS, FALSE, 0) != NULL);
	FAILS(OpenProcess(PROCESS_ALL_ACCESS, FALSE, 0x12345670) != NULL);
	FAILS(OpenThread(THREAD_ALL_ACCESS, FALSE, 0x12345670) != NULL);
	HANDLE own = OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId());
	INT(own != NULL && own != GetCurrentProcess());
	INT(GetProcessId(own) == GetCurrentProcessId());
	DWORD code = 0;
	INT(GetExitCodeProcess(own, &code));
	INT(code);
	INT(WaitForSingleObject(own, 0));
	char text[MAX_PATH];
	INT(GetModuleBaseNameA(own, NULL, text, sizeof text));
	STR(text);
	INT(GetProcessImageFileNameA(own, text, sizeof text) > 0);
	STR(strrchr(text, '\\'));
	PROCESS_MEMORY_COUNTERS counters;
	INT(GetProcessMemoryInfo(own, &counters, sizeof counters));
	INT(counters.WorkingSetSize > 0);
	FILETIME a, b, c, d;
	INT(GetProcessTimes(own, &a, &b, &c, &d));
	INT(a.dwHighDateTime != 0);
	DWORD handles = 0;
	INT(GetProcessHandleCount(own, &handles));
	HEX(GetPriorityClass(own));
	INT(SetPriorityClass(own, BELOW_NORMAL_PRIORITY_CLASS));
	HEX(GetPriorityClass(own));
	FAILS(SetPriorityClass(own, 12345));
	BOOL wow = 7;
	INT(IsWow64Process(own, &wow));
	INT(wow);
	USHORT machine = 7, native = 7;
	INT(IsWow64Process2(own, &machine, &native));
	HEX(machine);
	HEX(native);
	BOOL debugger = 7;
	INT(CheckRemoteDebuggerPresent(own, &debugger));
	INT(debugger);
	FAILS(CheckRemoteDebuggerPresent(own, NULL));
	DWORD session = 7;
	INT(ProcessIdToSessionId(GetCurrentProcessId(), &session));
	FAILS(ProcessIdToSessionId(0x12345670, &session));
	INT(GetProcessVersion(0) != 0);
	INT(CloseHandle(own));
	HANDLE real = NULL;
	INT(DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &real, 0, FALSE, DUPLICATE_SAME_ACCESS));
	INT(real != GetCurrentProcess());
	INT(GetProcessId(real) == GetCurrentProcessId());
	INT(CloseHandle(real));
	return 0;
}
