// build: msvc
/* C++ exceptions as Microsoft's compiler makes them: __CxxFrameHandler3. */
extern "C" {
int printf(const char *, ...);
int fflush(void *);
void exit(int);
void qsort(void *, unsigned long long, unsigned long long, int (*)(const void *, const void *));
void *malloc(unsigned long long);
void free(void *);
int _fltused = 0;
void __stdcall RaiseException(unsigned long, unsigned long, unsigned long, const unsigned long long *);
}
namespace std { typedef void (*terminate_handler)(); }
__declspec(dllimport) std::terminate_handler __cdecl set_terminate(std::terminate_handler);
extern "C" bool __uncaught_exception();
#define CHECK(label, ...) (printf("%s: ", label), printf(__VA_ARGS__), printf("\n"), fflush(0))
#define NOINLINE __declspec(noinline)

__declspec(dllimport) void __cdecl terminate();
extern "C" void __std_terminate() { terminate(); }

/* The virtual table of type_info, which nothing here uses. */
asm(".data\n.globl \"??_7type_info@@6B@\"\n\"??_7type_info@@6B@\": .quad 0\n.text");
void operator delete(void *p, unsigned long long) noexcept { free(p); }

static char text[512];
static int used;
static void add(const char *s) { while (*s && used < 511) text[used++] = *s++; text[used] = 0; }
static void number(int n) { char b[2] = {(char)('0' + n % 10), 0}; if (n >= 10) number(n / 10); add(b); }
static void show(const char *label) { CHECK(label, "%s", text); used = 0; text[0] = 0; }

struct Trace {
	const char *name;
	Trace(const char *n) : name(n) { add("+"); add(n); }
	Trace(const Trace &o) : name(o.name) { add("c"); add(name); }
	~Trace() { add("-"); add(name); }
};
struct Base { int b = 1; virtual const char *who() const { return "base"; } };
struct Other { int x = 5; };
struct Derived : Other, Base { const char *who() const override { return "derived"; } };
struct Virtual : virtual Base { const char *who() const override { return "virtual"; } };
struct Counted {
	static int alive;
	int n;
	Counted(int v) : n(v) { alive++; }
	Counted(const Counted &o) : n(o.n + 1) { alive++; }
	~Counted() { alive--; }
};
int Counted::alive;

NOINLINE static void thrower(int what)
{
	Trace t("t");
	switch (what) {
	case 0: throw 42;
	case 1: throw "text";
	case 2: throw Derived();
	case 3: throw 2.5;
	case 4: throw Trace("x");
	case 5: { static Derived d; throw &d; }
	case 6: throw Virtual();
	case 7: throw Counted(1);
	case 8: throw (unsigned char)3;
	case 10: { static const Derived d; throw &d; }
	}
}

NOINLINE static void middle(int what)
{
	Trace a("a"), b("b");
	thrower(what);
	add("never");
}

NOINLINE static void catcher(int what)
{
	try {
		middle(what);
		add("returned");
	} catch (int i) {
		add("int");
		number(i);
	} catch (const char *s) {
		add(s);
	} catch (Base &b) {
		add(b.who());
		number(b.b);
	} catch (Other *o) {
		add("pointer");
		number(o->x);
	} catch (Trace t) {
		add("value");
	} catch (Counted c) {
		number(c.n);
		add("alive");
		number(Counted::alive);
	} catch (double d) {
		number((int)(d * 10));
	} catch (...) {
		add("anything");
	}
	add(".");
}

NOINLINE static void rethrow()
{
	try {
		Trace o("o");
		try {
			Trace i("i");
			throw Trace("x");
		} catch (Trace &t) {
			add("first");
			Trace k("k");
			throw;
		}
	} catch (Trace &t) {
		add("again");
		add(t.name);
	}
}

NOINLINE static void replaced()
{
	try {
		Trace o("o");
		try {
			throw Trace("x");
		} catch (Trace &) {
			Trace k("k");
			throw 5;
		}
	} catch (int i) {
		number(i);
	}
}

NOINLINE static void in_catch()
{
	try {
		throw Trace("x");
	} catch (Trace &x) {
		Trace k("k");
		try {
			Trace j("j");
			throw 6;
		} catch (int i) {
			number(i);
			try {
				throw 7.0;
			} catch (double) {
				add("deep");
			}
			add("inner");
		}
		add(x.name);
		try {
			thrower(1);
		} catch (const char *s) {
			add(s);
		}
	}
}

NOINLINE static int loop()
{
	int sum = 0;
	for (int i = 0; i < 20; i++) {
		try {
			Trace *none = 0;
			if (i % 3 == 0)
				throw i;
			if (i == 10)
				break;
			(void)none;
			sum += 100;
		} catch (int n) {
			sum += n;
			continue;
		}
	}
	return sum;
}

NOINLINE static int recursive(int n)
{
	if (n == 0)
		throw 0;
	try {
		return recursive(n - 1);
	} catch (int i) {
		throw i + n;
	}
}

struct InDestructor {
	~InDestructor()
	{
		number(__uncaught_exception());
		try {
			throw 3;
		} catch (int i) {
			number(i);
		}
	}
};

NOINLINE static void destructor()
{
	try {
		InDestructor d;
		throw 'c';
	} catch (char) {
		add("outer");
		number(__uncaught_exception());
	}
}

static int comparisons;
static int compare(const void *a, const void *b)
{
	Trace t("q");
	if (++comparisons == 2)
		throw comparisons;
	return *(const int *)a - *(const int *)b;
}

NOINLINE static void through_qsort()
{
	int list[] = {3, 2, 1, 0};
	try {
		qsort(list, 4, 4, compare);
	} catch (int n) {
		number(n);
	}
}

NOINLINE static int values(int a, int b, int c)
{
	int before = a * 3, after = 0;
	Trace t("v");
	try {
		before += b;
		if (c)
			throw before;
		after = 1;
	} catch (int n) {
		after = n + before + c;
	}
	return after * 10 + before;
}

NOINLINE static void array()
{
	try {
		Counted list[3] = {1, 2, 3};
		Counted *more = new Counted(4);
		number(Counted::alive);
		delete more;
		throw list[1];
	} catch (Counted &c) {
		number(c.n);
		number(Counted::alive);
	}
	number(Counted::alive);
}

NOINLINE static void function_try() try {
	Trace t("f");
	throw 8;
} catch (int i) {
	number(i);
}

static void ended()
{
	show("terminate");
	exit(7);
}

extern "C" void start()
{
	for (int i = 0; i <= 9; i++) {
		catcher(i);
		show("caught");
	}
	CHECK("alive", "%d", Counted::alive);
	rethrow();
	show("rethrow");
	replaced();
	show("replaced");
	in_catch();
	show("in a catch block");
	CHECK("loop", "%d", loop());
	try {
		recursive(10);
	} catch (int i) {
		CHECK("recursive", "%d", i);
	}
	destructor();
	show("destructor");
	through_qsort();
	show("qsort");
	CHECK("values", "%d %d", values(1, 2, 0), values(4, 5, 6));
	show("values");
	array();
	show("array");
	function_try();
	show("function try");
	try {
		try {
			thrower(10);
		} catch (Other *) {
			add("not constant");
		}
	} catch (const Base *b) {
		add(b->who());
	}
	show("constant");
	set_terminate(ended);
	terminate();
}
