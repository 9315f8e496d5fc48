#include "check.h"

static STARTUPINFOA si;
static PROCESS_INFORMATION pi;

static void start(const char *label, const char *application, const char *line, DWORD flags)
{
	char copy[300];
	SetLastError(0xDEAD);
	BOOL ok = CreateProcessA(application, line ? strcpy(copy, line) : NULL, NULL, NULL, FALSE, flags | CREATE_SUSPENDED, NULL, NULL, &si, &pi);
	if (ok) {
		TerminateProcess(pi.hProcess, 0);
		CloseHandle(pi.hThread);
		CloseHandle(pi.hProcess);
		CHECK(label, "started");
	} else
		CHECK(label, "error %lu", GetLastError());
}

int main(void)
{
	si.cb = sizeof si;
	start("no such program", "C:\\no such.exe", NULL, 0);
	start("no such folder", "C:\\no such folder\\x.exe", NULL, 0);
	start("no such command", NULL, "no-such-command with arguments", 0);
	start("system32", "C:\\windows\\system32\\cmd.exe", NULL, 0);
	start("command", NULL, "cmd.exe /c exit", 0);
	start("without extension", NULL, "cmd /c exit", 0);
	start("in quotes", NULL, "\"cmd.exe\" /c exit", 0);
	start("console and detached", NULL, "cmd", DETACHED_PROCESS | CREATE_NEW_CONSOLE);

	SIZE_T size = 0;
	FAILS(InitializeProcThreadAttributeList(NULL, 1, 0, &size));
	INT(size);
	SIZE_T two = 0;
	InitializeProcThreadAttributeList(NULL, 2, 0, &two);
	INT(two - size);
	LPPROC_THREAD_ATTRIBUTE_LIST list = HeapAlloc(GetProcessHeap(), 0, size);
	INT(InitializeProcThreadAttributeList(list, 1, 0, &size));
	HANDLE parent = OpenProcess(PROCESS_ALL_ACCESS, FALSE, GetCurrentProcessId());
	FAILS(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &parent, 4, NULL, NULL));
	INT(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &parent, sizeof parent, NULL, NULL));
	STARTUPINFOEXA ex = {.StartupInfo.cb = sizeof ex, .lpAttributeList = list};
	char line[] = "cmd.exe";
	INT(CreateProcessA(NULL, line, NULL, NULL, FALSE, EXTENDED_STARTUPINFO_PRESENT | CREATE_SUSPENDED, NULL, NULL, &ex.StartupInfo, &pi));
	INT(TerminateProcess(pi.hProcess, 3));
	DeleteProcThreadAttributeList(list);

	HANDLE job = CreateJobObjectA(NULL, NULL);
	INT(job != NULL);
	BOOL in = 7;
	INT(IsProcessInJob(GetCurrentProcess(), job, &in));
	INT(in);
	JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
	limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
	INT(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits));
	strcpy(line, "cmd.exe");
	INT(CreateProcessA(NULL, line, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &si, &pi));
	INT(AssignProcessToJobObject(job, pi.hProcess));
	INT(IsProcessInJob(pi.hProcess, job, &in));
	INT(in);
	INT(TerminateJobObject(job, 9));
	INT(WaitForSingleObject(pi.hProcess, 5000));
	DWORD code = 0;
	INT(GetExitCodeProcess(pi.hProcess, &code));
	INT(code);
	FAILS(AssignProcessToJobObject((HANDLE)0x1234568, pi.hProcess));
	INT(WinExec("no-such-command", SW_HIDE));
	return 0;
}
