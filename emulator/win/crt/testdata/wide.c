/* The wide start-up, and files that hold what the program wrote. */
#include <stdio.h>
#include <wchar.h>

int wmain(int argc, wchar_t **argv)
{
	unsigned char bytes[8];
	FILE *f;
	size_t n;

	wprintf(L"%d %ls %d %d\n", argc, argv[1], (int)wcslen(argv[2]), argv[2][0]);
	f = _wfopen(L"C:\\App\\\x00e9.bin", L"wb");
	fwrite("\xc3\xa9\r\n\r\n", 1, 6, f);
	fclose(f);
	f = _wfopen(L"c:/app/\x00c9.BIN", L"rb"); /* the same, names ignore case */
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	wprintf(L"file %d %x%x\n", (int)n, bytes[0], bytes[1]);
	return 4;
}
