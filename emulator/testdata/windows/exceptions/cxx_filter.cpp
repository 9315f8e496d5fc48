// build: msvc
/* C++ exceptions that are caught by filters: __CxxExceptionFilter and its kin. */
extern "C" {
int printf(const char *, ...);
int fflush(void *);
void exit(int);
int _fltused = 0;
typedef struct { unsigned code, flags; void *next, *address; unsigned count; unsigned long long info[15]; } RECORD;
typedef struct { RECORD *record; void *context; } POINTERS;
void __stdcall RaiseException(unsigned, unsigned, unsigned, const unsigned long long *);
int __CxxExceptionFilter(void *, void *, int, void *);
int __CxxQueryExceptionSize(void);
int __CxxRegisterExceptionObject(void *, void *);
int __CxxDetectRethrow(void *);
void __CxxUnregisterExceptionObject(void *, int);
}
asm(".data\n.globl \"??_7type_info@@6B@\"\n\"??_7type_info@@6B@\": .quad 0\n.text");
#define CHECK(label, ...) (printf("%s: ", label), printf(__VA_ARGS__), printf("\n"), fflush(0))
#define NOINLINE __declspec(noinline)

struct Other { long long x = 5; };
struct Base { int b = 1; };
struct Derived : Other, Base { };
struct Counted {
	static int copies, gone;
	int n;
	Counted(int v) : n(v) { }
	Counted(const Counted &o) : n(o.n + 1) { copies++; }
	~Counted() { gone++; }
};
int Counted::copies, Counted::gone;

NOINLINE static void thrower(int what)
{
	switch (what) {
	case 0: throw 42;
	case 1: throw "text";
	case 2: throw Derived();
	case 3: throw Counted(7);
	case 4: throw 5L;
	case 5: RaiseException(0xE0001234, 0, 0, 0); break;
	}
}

/* Type descriptors are compared by name. */
struct Descriptor { void *table, *spare; char name[16]; };
static Descriptor int_type = {0, 0, ".H"}, long_type = {0, 0, ".J"}, base_type = {0, 0, ".?AUBase@@"}, counted_type = {0, 0, ".?AUCounted@@"}, pointer_type = {0, 0, ".PEAD"};

static void *type;
static int adjectives, answer;
static void *object;
static int filter(POINTERS *p)
{
	answer = __CxxExceptionFilter(p, type, adjectives, object);
	return 1;
}

NOINLINE static int ask(int what, void *t, int a, void *o)
{
	type = t, adjectives = a, object = o, answer = -2;
	__try {
		thrower(what);
	} __except (filter((POINTERS *)_exception_info())) {
	}
	return answer;
}

static int detected, again;
static Counted *object_again;
static int thrown_again(POINTERS *p)
{
	again = __CxxExceptionFilter(p, &counted_type, 8, &object_again);
	detected = __CxxDetectRethrow(p);
	return 1;
}

NOINLINE static void rethrow() { throw; }
NOINLINE static void nested()
{
	__try {
		rethrow();
	} __except (thrown_again((POINTERS *)_exception_info())) {
	}
}

/* What a catch block does with its exception, done while the filter still runs. */
static int keeper(POINTERS *p)
{
	alignas(8) char storage[64] = {};
	CHECK("first throw", "%d", __CxxDetectRethrow(p));
	CHECK("registered", "%d", __CxxRegisterExceptionObject(p, storage));
	nested();
	CHECK("thrown again", "%d, %d, value %d", again, detected, object_again ? object_again->n : -1);
	int before = Counted::gone;
	__CxxUnregisterExceptionObject(storage, 0);
	CHECK("destroyed", "%d", Counted::gone - before);
	return 1;
}

NOINLINE static void kept()
{
	__try {
		thrower(3);
	} __except (keeper((POINTERS *)_exception_info())) {
	}
}

extern "C" void start()
{
	int i = 0;
	long l = 0;
	const char *s = 0;
	Base *b = 0;
	alignas(8) char room[sizeof(Counted)] = {};
	Counted *c = (Counted *)room;

	CHECK("size", "%d", __CxxQueryExceptionSize());
	CHECK("no pointers", "%d", __CxxExceptionFilter(0, &int_type, 0, 0));
	CHECK("int", "%d", ask(0, &int_type, 0, &i));
	CHECK("int's value", "%d", i);
	CHECK("int, no object", "%d", ask(0, &int_type, 0, 0));
	CHECK("int as long", "%d", ask(0, &long_type, 0, &l));
	CHECK("untouched", "%ld", l);
	CHECK("long", "%d", ask(4, &long_type, 0, &l));
	CHECK("long's value", "%ld", l);
	CHECK("pointer", "%d", ask(1, &pointer_type, 1, &s));
	CHECK("its text", "%s", s ? s : "none");
	CHECK("pointer, not to constants", "%d", ask(1, &pointer_type, 0, &s));
	CHECK("base by reference", "%d", ask(2, &base_type, 8, &b));
	CHECK("base's value", "%d", b ? b->b : -1);
	CHECK("by value", "%d", ask(3, &counted_type, 0, c));
	CHECK("copy's value", "%d, %d copies", c->n, Counted::copies);
	CHECK("by reference", "%d", ask(3, &counted_type, 8, &c));
	CHECK("copies", "%d", Counted::copies);
	CHECK("anything", "%d %d %d", ask(0, 0, 0, 0), ask(2, 0, 0, 0), ask(3, 0, 0, 0));
	CHECK("anything of another kind", "%d", ask(5, 0, 0, 0));
	CHECK("a type, of another kind", "%d", ask(5, &int_type, 0, &i));
	kept();
	exit(0);
}
