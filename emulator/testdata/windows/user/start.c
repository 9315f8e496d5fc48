// build: -lcomctl32 -limm32
#include "check.h"
#include <commctrl.h>
#include <imm.h>

int main(void)
{
	INITCOMMONCONTROLSEX c = {sizeof c, ICC_STANDARD_CLASSES | ICC_BAR_CLASSES};
	InitCommonControls();
	INT(InitCommonControlsEx(&c));
	c.dwSize = 4;
	INT(InitCommonControlsEx(&c));
	INT(InitCommonControlsEx(NULL));
	INT(ImmDisableIME(GetCurrentThreadId()));
	return 0;
}
