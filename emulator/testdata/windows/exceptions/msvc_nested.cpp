// build: msvc
/* C++ exceptions of Microsoft's compiler: out of catch blocks, thrown again elsewhere. */
extern "C" {
int printf(const char *, ...);
int fflush(void *);
void exit(int);
int _fltused = 0;
typedef struct { unsigned code, flags; void *next, *address; unsigned count; unsigned long long info[15]; } RECORD;
typedef struct { RECORD *record; void *context; } POINTERS;
void __stdcall RaiseException(unsigned, unsigned, unsigned, const unsigned long long *);
void *__stdcall AddVectoredExceptionHandler(unsigned, long (*)(POINTERS *));
}
asm(".data\n.globl \"??_7type_info@@6B@\"\n\"??_7type_info@@6B@\": .quad 0\n.text");
#define CHECK(label, ...) (printf("%s: ", label), printf(__VA_ARGS__), printf("\n"), fflush(0))
#define NOINLINE __declspec(noinline)

static int destroyed, thrown;
struct Guard { int n; ~Guard() { destroyed += n; } };
struct Big { int values[20]; Big(int v) { for (int &x : values) x = v; } };

static long watch(POINTERS *p)
{
	if (p->record->code == 0xE06D7363) {
		thrown++;
		if (thrown <= 3)
			CHECK("record", "flags %x, %u parameters, magic %llx, object %d", p->record->flags, p->record->count, p->record->info[0], p->record->info[1] != 0);
	}
	return 0;
}

NOINLINE static int throws(int n)
{
	Guard g{n};
	if (n > 5)
		throw Big(n);
	throw n;
}

NOINLINE static int passes(int n)
{
	Guard g{100};
	return throws(n) + 1;
}

NOINLINE static int several(int n)
{
	try {
		return passes(n);
	} catch (int i) {
		return i;
	} catch (Big b) {
		return b.values[19];
	}
}


NOINLINE static int throwing_catch(int depth)
{
	try {
		if (depth == 0)
			throw 1;
		return throwing_catch(depth - 1);
	} catch (int i) {
		Guard g{1000};
		if (depth == 4)
			return i;
		throw i * 2;
	}
}

NOINLINE static int rethrown_outside()
{
	struct Again {
		static void again() { throw; }
	};
	int seen = 0;
	try {
		try {
			throw Big(3);
		} catch (Big &) {
			seen++;
			Again::again();
		}
	} catch (Big &b) {
		seen += b.values[0];
	}
	return seen;
}

NOINLINE static int conditional(int n)
{
	int result = 0;
	for (int i = 0; i < n; i++) {
		Guard g{1};
		try {
			if (i % 2)
				throw i;
			result += 10;
			if (i == 6)
				return result;
		} catch (int v) {
			if (v == 3)
				continue;
			result += v;
		}
	}
	return -1;
}

extern "C" void start()
{
	AddVectoredExceptionHandler(1, watch);
	CHECK("int", "%d", several(3));
	CHECK("big", "%d", several(9));
	CHECK("destroyed", "%d", destroyed);
	destroyed = 0;
	CHECK("throwing catch", "%d", throwing_catch(4));
	CHECK("destroyed", "%d", destroyed);
	CHECK("rethrown by a function", "%d", rethrown_outside());
	destroyed = 0;
	CHECK("conditional", "%d", conditional(10));
	CHECK("destroyed", "%d", destroyed);
	CHECK("thrown", "%d", thrown);
	exit(4);
}
