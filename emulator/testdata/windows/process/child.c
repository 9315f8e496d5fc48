#include "check.h"

/* Memory and threads of a suspended child, which never runs. */
int main(void)
{
	char path[MAX_PATH], line[MAX_PATH + 10];
	GetModuleFileNameA(NULL, path, sizeof path);
	sprintf(line, "\"%s\" child", path);
	STARTUPINFOA si = {.cb = sizeof si};
	PROCESS_INFORMATION pi = {0};
	INT(CreateProcessA(path, line, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &si, &pi));
	INT(pi.hProcess != NULL);
	INT(pi.dwProcessId != 0);
	INT(GetProcessId(pi.hProcess) == pi.dwProcessId);
	INT(GetThreadId(pi.hThread) == pi.dwThreadId);
	INT(GetProcessIdOfThread(pi.hThread) == pi.dwProcessId);
	DWORD code = 0;
	INT(GetExitCodeProcess(pi.hProcess, &code));
	INT(code);
	INT(WaitForSingleObject(pi.hProcess, 0));

	char *p = VirtualAllocEx(pi.hProcess, NULL, 5000, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
	INT(p != NULL);
	SIZE_T n = 0;
	INT(WriteProcessMemory(pi.hProcess, p + 10, "written", 8, &n));
	INT(n);
	char back[16] = "";
	INT(ReadProcessMemory(pi.hProcess, p + 10, back, 8, &n));
	INT(n);
	STR(back);
	INT(ReadProcessMemory(pi.hProcess, p + 8000, back, 1, &n));
	MEMORY_BASIC_INFORMATION m;
	INT(VirtualQueryEx(pi.hProcess, p, &m, sizeof m));
	INT(m.BaseAddress == p);
	INT(m.RegionSize);
	HEX(m.State);
	HEX(m.Protect);
	HEX(m.Type);
	DWORD old = 0;
	INT(VirtualProtectEx(pi.hProcess, p, 100, PAGE_EXECUTE_READ, &old));
	HEX(old);
	INT(VirtualQueryEx(pi.hProcess, p, &m, sizeof m));
	HEX(m.Protect);
	INT(m.RegionSize);
	INT(VirtualQueryEx(pi.hProcess, p + 4096, &m, sizeof m));
	HEX(m.Protect);
	FAILS(VirtualFreeEx(pi.hProcess, p, 5, MEM_RELEASE));
	INT(VirtualFreeEx(pi.hProcess, p, 0, MEM_RELEASE));
	INT(VirtualQueryEx(pi.hProcess, p, &m, sizeof m));
	HEX(m.State);

	HANDLE h = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pi.dwProcessId);
	INT(h != NULL);
	FAILS(VirtualAllocEx(h, NULL, 100, MEM_COMMIT, PAGE_READWRITE) != NULL);
	FAILS(ReadProcessMemory(h, p, back, 1, &n));
	INT(GetProcessId(h) == pi.dwProcessId);
	INT(CloseHandle(h));
	char name[MAX_PATH];
	DWORD size = sizeof name;
	INT(QueryFullProcessImageNameA(pi.hProcess, 0, name, &size));
	INT(size == strlen(name));
	STR(strrchr(name, '\\'));
	size = 3;
	FAILS(QueryFullProcessImageNameA(pi.hProcess, 0, name, &size));
	CONTEXT *context = VirtualAlloc(NULL, sizeof *context, MEM_COMMIT, PAGE_READWRITE);
	context->ContextFlags = CONTEXT_FULL;
	INT(GetThreadContext(pi.hThread, context));
	INT(context->Rip != 0);
	INT(SuspendThread(pi.hThread));
	INT(ResumeThread(pi.hThread));
	INT(TerminateProcess(pi.hProcess, 42));
	INT(WaitForSingleObject(pi.hProcess, 5000));
	INT(GetExitCodeProcess(pi.hProcess, &code));
	INT(code);
	FAILS(TerminateProcess(pi.hProcess, 43));
	INT(CloseHandle(pi.hThread));
	INT(CloseHandle(pi.hProcess));
	FAILS(CloseHandle(pi.hProcess));
	return 0;
}
