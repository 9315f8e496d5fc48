/* C++ exceptions across a DLL that has a run-time library of its own. */
#include "check.h"
#include <stdexcept>
#include <string>

static std::string log_;
struct Trace {
	~Trace() { log_ += "~"; }
};

static void callback(int n)
{
	Trace t;
	if (n == 1)
		throw std::runtime_error("from the call-back");
	if (n == 2)
		throw 17;
}

int main()
{
	HMODULE m = LoadLibraryA("thrower.dll");
	INT(m != nullptr);
	auto throws = (void (*)(int))(void *)GetProcAddress(m, "throws");
	auto passes = (int (*)(void (*)(int), int))(void *)GetProcAddress(m, "passes");
	auto catches = (int (*)(void (*)(int), int))(void *)GetProcAddress(m, "catches");
	try {
		Trace t;
		throws(1);
	} catch (std::exception &e) {
		CHECK("thrown by the DLL", "%s", e.what());
	}
	try {
		throws(2);
	} catch (int i) {
		CHECK("thrown by the DLL", "%d", i);
	}
	try {
		INT(passes(callback, 0));
		INT(passes(callback, 1));
	} catch (std::runtime_error &e) {
		CHECK("through the DLL", "%s", e.what());
	}
	INT(catches(callback, 0));
	INT(catches(callback, 1));
	INT(catches(callback, 2));
	CHECK("destructors", "%s", log_.c_str());
	INT(((int (*)())(void *)GetProcAddress(m, "destroyed"))());
	return 0;
}
