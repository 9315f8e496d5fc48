/* C++ exceptions of GCC: everything but RtlUnwindEx and its kin is in the program. */
#include "check.h"
#include <exception>
#include <stdexcept>
#include <string>
#include <cstdlib>
#include <typeinfo>

static std::string log_;
static void show(const char *label) { CHECK(label, "%s", log_.c_str()); log_.clear(); }

struct Trace {
	const char *name;
	explicit Trace(const char *n) : name(n) { log_ += '+'; log_ += n; }
	Trace(const Trace &o) : name(o.name) { log_ += 'c'; log_ += name; }
	~Trace() { log_ += '-'; log_ += name; }
};

struct Base { virtual ~Base() {} virtual const char *who() const { return "base"; } };
struct Other { int x = 5; };
struct Derived : Other, Base { const char *who() const override { return "derived"; } };

__attribute__((noinline)) static void thrower(int what)
{
	Trace t("t");
	switch (what) {
	case 0: throw 42;
	case 1: throw "text";
	case 2: throw Derived();
	case 3: throw std::runtime_error("runtime");
	case 4: throw Trace("x");
	case 5: throw std::string("string");
	case 6: { std::string s; s.at(3); break; }
	case 7: throw 2.5;
	case 8: { static Derived d; throw &d; }
	case 9: (void)new char[(size_t)-1 / 2 - 100]; break;
	}
}

__attribute__((noinline)) static void middle(int what)
{
	Trace a("a"), b("b");
	thrower(what);
	log_ += "never";
}

static void catcher(int what)
{
	try {
		middle(what);
		log_ += "returned";
	} catch (int i) {
		log_ += "int" + std::to_string(i);
	} catch (const char *s) {
		log_ += s;
	} catch (Base &b) {
		log_ += b.who();
	} catch (Other *o) {
		log_ += "pointer" + std::to_string(o->x);
	} catch (const std::logic_error &) {
		log_ += "logic_error";
	} catch (const std::exception &e) {
		log_ += e.what();
	} catch (Trace t) {
		log_ += "by value";
	} catch (...) {
		log_ += "anything";
	}
}

static void rethrow()
{
	try {
		try {
			thrower(3);
		} catch (std::exception &e) {
			log_ += "first ";
			log_ += std::to_string(std::uncaught_exceptions());
			throw;
		}
	} catch (std::runtime_error &e) {
		log_ += " again ";
		log_ += e.what();
	}
}

static void nested()
{
	try {
		try {
			throw 1;
		} catch (int i) {
			Trace t("n");
			try {
				throw std::string("inner");
			} catch (std::string &s) {
				log_ += s;
			}
			throw i + 1;
		}
	} catch (int i) {
		log_ += std::to_string(i);
	}
}

struct InDestructor {
	~InDestructor()
	{
		log_ += std::to_string(std::uncaught_exceptions());
		try {
			throw 7;
		} catch (int i) {
			log_ += "inside" + std::to_string(i);
		}
	}
};

static void destructor()
{
	try {
		InDestructor d;
		throw std::string("outer");
	} catch (std::string &s) {
		log_ += s;
	}
}

static int comparisons;
static int compare(const void *a, const void *b)
{
	Trace t("q");
	if (++comparisons == 3)
		throw std::string("comparator");
	return *(const int *)a - *(const int *)b;
}

static void through_qsort()
{
	int list[] = {5, 4, 3, 2, 1, 0};
	try {
		qsort(list, 6, sizeof *list, compare);
	} catch (std::string &s) {
		log_ += s;
	}
	CHECK("comparisons", "%d", comparisons);
}

static BOOL CALLBACK locale(LPSTR) { throw 99; }

static void through_enumeration()
{
	try {
		EnumSystemLocalesA(locale, LCID_INSTALLED);
	} catch (int i) {
		log_ += "enumeration" + std::to_string(i);
	}
}

static void pointers()
{
	std::exception_ptr p;
	try {
		throw std::out_of_range("kept");
	} catch (...) {
		p = std::current_exception();
	}
	INT(p != nullptr);
	try {
		std::rethrow_exception(p);
	} catch (std::out_of_range &e) {
		log_ += e.what();
	}
	p = nullptr;
	try {
		try {
			throw std::runtime_error("lower");
		} catch (...) {
			std::throw_with_nested(std::logic_error("upper"));
		}
	} catch (std::exception &e) {
		log_ += e.what();
		try {
			std::rethrow_if_nested(e);
		} catch (std::exception &n) {
			log_ += n.what();
		}
	}
}

static int depth(int n)
{
	Trace *t = nullptr;
	volatile char pad[200] = {0};
	if (n == 0)
		throw n;
	try {
		return depth(n - 1) + pad[5] + (t != nullptr);
	} catch (int i) {
		throw i + 1;
	}
}

static void function_try() try {
	throw 3;
} catch (int i) {
	log_ += "function" + std::to_string(i);
}

static DWORD CALLBACK in_thread(void *)
{
	catcher(3);
	return 5;
}

static void ended() { show("terminate"); std::exit(9); }

int main()
{
	for (int i = 0; i < 10; i++) {
		catcher(i);
		show("caught");
	}
	rethrow();
	show("rethrow");
	nested();
	show("nested");
	destructor();
	show("destructor");
	through_qsort();
	show("qsort");
	through_enumeration();
	show("enumeration");
	pointers();
	show("pointers");
	try {
		depth(20);
	} catch (int i) {
		INT(i);
	}
	function_try();
	show("function try");
	DWORD code = 0;
	HANDLE t = CreateThread(nullptr, 0, in_thread, nullptr, 0, nullptr);
	WaitForSingleObject(t, INFINITE);
	GetExitCodeThread(t, &code);
	INT(code);
	show("thread");
	std::set_terminate(ended);
	Trace last("l");
	throw std::runtime_error("uncaught");
}
