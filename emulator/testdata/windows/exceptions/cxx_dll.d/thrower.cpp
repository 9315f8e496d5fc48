#include <stdexcept>
#include <windows.h>

static int count;
struct Counter {
	~Counter() { count++; }
};

extern "C" __declspec(dllexport) void throws(int n)
{
	Counter c;
	if (n == 1)
		throw std::out_of_range("out of range");
	throw n * 10;
}

extern "C" __declspec(dllexport) int passes(void (*f)(int), int n)
{
	Counter c;
	f(n);
	return n + 1;
}

extern "C" __declspec(dllexport) int catches(void (*f)(int), int n)
{
	Counter c;
	try {
		f(n);
		return 0;
	} catch (std::exception &) {
		return 1;
	} catch (int i) {
		return i;
	}
}

extern "C" __declspec(dllexport) int destroyed() { return count; }
