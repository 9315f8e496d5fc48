#include <stdio.h>
#include <windows.h>
#include <objbase.h>

/* A COM server with one class, whose objects answer with a number through a
 * method behind IUnknown's. */
static const IID factory_iid = {1, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}}, unknown_iid = {0, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};

struct object {
	const void *const *methods;
	ULONG count;
};

static HRESULT WINAPI query(struct object *o, const IID *iid, void **out)
{
	if (!IsEqualGUID(iid, &unknown_iid) && !IsEqualGUID(iid, &factory_iid)) {
		*out = NULL;
		return E_NOINTERFACE;
	}
	o->count++;
	*out = o;
	return S_OK;
}
static ULONG WINAPI add(struct object *o) { return ++o->count; }
static ULONG WINAPI release(struct object *o)
{
	ULONG n = --o->count;
	printf("released: %lu\n", n);
	fflush(stdout);
	return n;
}
static HRESULT WINAPI answer(struct object *o, int *out)
{
	(void)o;
	*out = 42;
	return S_OK;
}

static const void *const object_methods[] = {query, add, release, answer};
static struct object object = {object_methods, 0};

static HRESULT WINAPI create(struct object *o, IUnknown *outer, const IID *iid, void **out)
{
	(void)o;
	if (outer)
		return CLASS_E_NOAGGREGATION;
	return query(&object, iid, out);
}
static HRESULT WINAPI lock(struct object *o, BOOL on)
{
	(void)o, (void)on;
	return S_OK;
}
static const void *const factory_methods[] = {query, add, release, create, lock};
static struct object factory = {factory_methods, 0};

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(const CLSID *class, const IID *iid, void **out)
{
	printf("DllGetClassObject: %lx\n", class->Data1);
	fflush(stdout);
	return query(&factory, iid, out);
}
