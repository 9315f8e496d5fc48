#include "check.h"

int main(void)
{
	char text[300];
	ATOM a = AddAtomA("sidetrace");
	INT(a >= 0xC000);
	INT(AddAtomA("SIDETRACE") == a);
	INT(FindAtomA("sideTRACE") == a);
	INT(GetAtomNameA(a, text, sizeof text));
	STR(text);
	INT(GetAtomNameA(a, text, 5));
	STR(text);
	INT(DeleteAtom(a));
	INT(FindAtomA("sidetrace") == a);
	INT(DeleteAtom(a));
	FAILS(FindAtomA("sidetrace"));
	FAILS(GetAtomNameA(a, text, sizeof text));
	INT(AddAtomA("#123"));
	INT(GetAtomNameA(123, text, sizeof text));
	STR(text);
	INT(DeleteAtom(123));
	FAILS(AddAtomA("#49152"));
	FAILS(AddAtomA("#0"));
	FAILS(AddAtomA(""));
	memset(text, 'x', 256);
	text[256] = 0;
	FAILS(AddAtomA(text));
	text[255] = 0;
	a = AddAtomA(text);
	INT(a != 0);
	DeleteAtom(a);
	INT(AddAtomA((char *)77));
	FAILS(GetAtomNameA(0, text, sizeof text));
	FAILS(GetAtomNameA(77, text, 0));
	ATOM g = GlobalAddAtomW(L"sidetrace global");
	INT(g >= 0xC000);
	wchar_t wide[64];
	INT(GlobalGetAtomNameW(g, wide, 64));
	WSTR(wide);
	INT(GlobalFindAtomA("sidetrace global") == g);
	INT(FindAtomA("sidetrace global"));
	INT(GlobalDeleteAtom(g));
	INT(GlobalFindAtomA("sidetrace global"));
	return 0;
}
