#include "check.h"

static void system_message(DWORD id)
{
	char text[512] = "", label[32];
	SetLastError(0xDEAD);
	DWORD n = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, id, 0, text, sizeof text, NULL);
	sprintf(label, "message %lx", id);
	CHECK(label, "%d, ends a line: %d", n != 0, n > 2 && !strcmp(text + n - 2, "\r\n"));
}

static void inserts(const char *format, ...)
{
	char text[512] = "?";
	va_list list;
	va_start(list, format);
	SetLastError(0xDEAD);
	DWORD n = FormatMessageA(FORMAT_MESSAGE_FROM_STRING, format, 0, 0, text, sizeof text, &list);
	va_end(list);
	for (char *p = text; *p; p++)
		if (*p == '\r')
			*p = '<';
		else if (*p == '\n')
			*p = '>';
	CHECK(format, "%lu \"%s\", error %lu", n, n ? text : "", GetLastError());
}

int main(void)
{
	static const DWORD known[] = {0, 1, 2, 3, 5, 6, 8, 13, 32, 87, 109, 122, 126, 127, 183, 193, 259, 487, 998, 1060, 1314, 1332};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		system_message(known[i]);
	char text[64];
	FAILS(FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, NULL, 0x5EADBEEF, 0, text, sizeof text, NULL));
	inserts("plain");
	inserts("%1 and %2", "one", "two");
	inserts("%2 before %1", "one", "two");
	inserts("%1!d! %2!u! %3!x!", -5, 5, 255);
	inserts("%1!04X!|%2!8s!|%3!-8s!|", 255, "right", "left");
	inserts("%1!c!%2!c!", 'a', 'b');
	inserts("%1!S!", L"wide");
	inserts("%1!ls!", L"wide");
	inserts("100%% %! %.");
	inserts("a%nb%tc%rd");
	inserts("cut%0 here");
	inserts("%1!.2s!", "long");
	inserts("%1!*.*s!", 6, 2, "long");
	inserts("%1!I64d!", 0x123456789ALL);
	inserts("%1!+d! %2!#x!", 5, 255);
	inserts("two\nlines\r\n");
	DWORD_PTR array[] = {(DWORD_PTR)"first", 42};
	char out[100];
	INT(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, "%1: %2!d!", 0, 0, out, sizeof out, (va_list *)array));
	STR(out);
	INT(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_IGNORE_INSERTS, "%1 %2!d!%n", 0, 0, out, sizeof out, NULL));
	STR(out[0] == '%' ? "kept" : "lost");
	FAILS(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "too long for this", 0, 0, out, 5, NULL));
	char *allocated = NULL;
	INT(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER, "allocated", 0, 0, (char *)&allocated, 0, NULL));
	STR(allocated);
	INT(LocalFree(allocated) == NULL);
	FAILS(FormatMessageA(0, NULL, 0, 0, out, sizeof out, NULL));
	wchar_t wide[100];
	const wchar_t *args[] = {L"W"};
	INT(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, L"wide %1", 0, 0, wide, 100, (va_list *)args));
	WSTR(wide);
	INT(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | 12, "a b c d e f g h i j k", 0, 0, out, sizeof out, NULL));
	for (char *p = out; *p; p++)
		if (*p < ' ')
			*p = '|';
	STR(out);
	INT(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_MAX_WIDTH_MASK, "a\r\nb\nc%nd", 0, 0, out, sizeof out, NULL));
	for (char *p = out; *p; p++)
		if (*p < ' ')
			*p = '|';
	STR(out);
	return 0;
}
