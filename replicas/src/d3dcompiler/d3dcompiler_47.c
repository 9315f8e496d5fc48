/* d3dcompiler_47.dll: a shader compiler that compiles nothing. Stands for the
 * Microsoft-signed DLL of the 3CX chain, which was never loaded there, but read
 * as a file for what lay in its certificate table; a benign sidetrace replica.
 * Its exports fail and say so. Built without the C runtime: the guard is its
 * only import.
 */
#include <windows.h>

#include "../guard/guard.h"

#define EXPORT __declspec(dllexport)

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
	(void)self;
	(void)reserved;
	return reason != DLL_PROCESS_ATTACH || SidetraceGuard() == GUARD_ANSWER;
}

EXPORT HRESULT WINAPI D3DCompile(LPCVOID source, SIZE_T size, LPCSTR name, const void *defines, void *include,
                                 LPCSTR entry, LPCSTR target, UINT flags1, UINT flags2, void **code, void **errors)
{
	(void)source, (void)size, (void)name, (void)defines, (void)include;
	(void)entry, (void)target, (void)flags1, (void)flags2;
	if (code)
		*code = NULL;
	if (errors)
		*errors = NULL;
	return E_NOTIMPL;
}

EXPORT HRESULT WINAPI D3DCreateBlob(SIZE_T size, void **blob)
{
	(void)size;
	if (!blob)
		return E_POINTER;
	*blob = NULL;
	return E_NOTIMPL;
}

EXPORT HRESULT WINAPI D3DDisassemble(LPCVOID data, SIZE_T size, UINT flags, LPCSTR comments, void **text)
{
	(void)data, (void)size, (void)flags, (void)comments;
	if (text)
		*text = NULL;
	return E_NOTIMPL;
}

EXPORT HRESULT WINAPI D3DReflect(LPCVOID data, SIZE_T size, REFIID interface_id, void **reflector)
{
	(void)data, (void)size, (void)interface_id;
	if (!reflector)
		return E_POINTER;
	*reflector = NULL;
	return E_NOTIMPL;
}
