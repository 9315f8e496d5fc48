/* Throws and catches a thousand exceptions, for a benchmark. */
extern "C" {
int _fltused = 0;
void exit(int);
}
struct Guard {
	int *n;
	~Guard() { ++*n; }
};

__declspec(noinline) static void thrower(int i, int *n)
{
	Guard g{n};
	throw i;
}

extern "C" void start()
{
	int sum = 0, destroyed = 0;
	for (int i = 0; i < 1000; i++) {
		try {
			thrower(i, &destroyed);
		} catch (int n) {
			sum += n - i + 1;
		}
	}
	exit(sum == 1000 && destroyed == 1000 ? 0 : 1);
}
asm(".data\n.globl \"??_7type_info@@6B@\"\n\"??_7type_info@@6B@\": .quad 0\n.text");
