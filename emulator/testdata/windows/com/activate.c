// build: -lole32 -luuid -ladvapi32
#include "check.h"
#include <objbase.h>

/* A class of ours is registered for the machine and activated. */
static const CLSID class = {0x5de7acee, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

struct object {
	struct {
		HRESULT(WINAPI *query)(struct object *, const IID *, void **);
		ULONG(WINAPI *add)(struct object *);
		ULONG(WINAPI *release)(struct object *);
		HRESULT(WINAPI *answer)(struct object *, int *);
	} *methods;
};

int main(void)
{
	struct object *o = NULL;
	char path[MAX_PATH], *name;
	HKEY key;
	HEX(CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&o));
	HEX(CoInitialize(NULL));
	HEX(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED));
	HEX(CoInitializeEx(NULL, COINIT_MULTITHREADED));
	HEX(CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&o));
	INT(o == NULL);

	GetModuleFileNameA(NULL, path, sizeof path);
	name = strrchr(path, '\\') + 1;
	strcpy(name, "server.dll");
	INT(RegCreateKeyExA(HKEY_LOCAL_MACHINE, "Software\\Classes\\CLSID\\{5DE7ACEE-0001-0002-0304-05060708090A}\\InprocServer32", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL));
	INT(RegSetValueExA(key, NULL, 0, REG_SZ, (BYTE *)path, strlen(path) + 1));
	INT(RegSetValueExA(key, "ThreadingModel", 0, REG_SZ, (BYTE *)"Both", 5));
	RegCloseKey(key);
	HEX(CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&o));
	INT(o != NULL);
	int n = 0;
	HEX(o->methods->answer(o, &n));
	INT(n);
	INT(o->methods->release(o));
	HEX(CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&o));
	IUnknown *f = NULL;
	HEX(CoGetClassObject(&class, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory, (void **)&f));
	INT(f != NULL);
	f->lpVtbl->Release(f);
	RegDeleteKeyA(HKEY_LOCAL_MACHINE, "Software\\Classes\\CLSID\\{5DE7ACEE-0001-0002-0304-05060708090A}\\InprocServer32");
	RegDeleteKeyA(HKEY_LOCAL_MACHINE, "Software\\Classes\\CLSID\\{5DE7ACEE-0001-0002-0304-05060708090A}");
	CoUninitialize();
	CoUninitialize();
	HEX(CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&o));
	return 0;
}
