// build: -lwinmm
#include "check.h"
#include <mmsystem.h>

static volatile LONG fired, last;
static UINT once;

static void CALLBACK tick(UINT id, UINT message, DWORD_PTR user, DWORD_PTR a, DWORD_PTR b)
{
	(void)message, (void)a, (void)b;
	if (id == once)
		last = (LONG)user;
	InterlockedIncrement(&fired);
}

int main(void)
{
	TIMECAPS caps = {0};
	INT(timeGetDevCaps(&caps, sizeof caps));
	INT(caps.wPeriodMin);
	INT(timeGetDevCaps(NULL, sizeof caps));
	INT(timeGetDevCaps(&caps, 4));
	INT(timeBeginPeriod(1));
	INT(timeEndPeriod(1));
	INT(timeBeginPeriod(0));
	INT(timeEndPeriod(0));

	DWORD a = timeGetTime();
	Sleep(50);
	DWORD b = timeGetTime();
	INT(b - a >= 50);
	INT(b - a < 5000);
	MMTIME t;
	INT(timeGetSystemTime(&t, sizeof t));
	INT(t.wType);
	INT(t.u.ms >= b);

	once = timeSetEvent(20, 0, tick, 77, TIME_ONESHOT | TIME_CALLBACK_FUNCTION);
	INT(once != 0);
	Sleep(300);
	INT(fired);
	INT(last);
	INT(timeKillEvent(once) == TIMERR_NOERROR);
	fired = 0;
	UINT id = timeSetEvent(10, 0, tick, 5, TIME_PERIODIC | TIME_CALLBACK_FUNCTION);
	INT(id != 0 && id != once);
	Sleep(300);
	INT(fired >= 3);
	INT(timeKillEvent(id));
	INT(timeKillEvent(id) != 0);
	LONG n = fired;
	Sleep(100);
	INT(fired - n <= 1);

	HANDLE e = CreateEventW(NULL, FALSE, FALSE, NULL);
	id = timeSetEvent(10, 0, (LPTIMECALLBACK)e, 0, TIME_ONESHOT | TIME_CALLBACK_EVENT_SET);
	INT(id != 0);
	INT(WaitForSingleObject(e, 5000));
	INT(WaitForSingleObject(e, 60));
	INT(timeSetEvent(0, 0, tick, 0, TIME_ONESHOT));
	INT(timeKillEvent(123456));
	INT(PlaySoundW(NULL, NULL, 0));
	return 0;
}
