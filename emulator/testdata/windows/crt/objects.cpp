// build: -w -Os -ffunction-sections -Wl,--gc-sections
#include "check.h"
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

// C++ with the compiler's own library: static objects, virtual functions, types
// at run time, exceptions, containers and streams.
struct Loud {
	const char *name;
	explicit Loud(const char *n) : name(n) { std::printf("made %s\n", name); }
	~Loud() { std::printf("unmade %s\n", name); std::fflush(stdout); }
};

static Loud one("first static"), two("second static");

struct Shape {
	virtual ~Shape() {}
	virtual const char *name() const { return "shape"; }
};
struct Named {
	virtual ~Named() {}
	int tag = 7;
};
struct Circle : Shape, Named {
	const char *name() const override { return "circle"; }
};
struct Base { virtual ~Base() {} int b = 1; };
struct Left : virtual Base { int l = 2; };
struct Right : virtual Base { int r = 3; };
struct Diamond : Left, Right { int d = 4; };

int main()
{
	static Loud local("local static");
	{
		Loud automatic("automatic");
		auto owned = std::make_unique<Loud>("owned");
		std::shared_ptr<Loud> shared(new Loud("shared"));
		INT(shared.use_count());
		auto again = shared;
		INT(shared.use_count());
	}
	Circle circle;
	Shape *shape = &circle;
	STR(shape->name());
	INT(dynamic_cast<Circle *>(shape) == &circle);
	INT(dynamic_cast<Named *>(shape)->tag);
	Shape plain;
	INT(dynamic_cast<Circle *>(&plain) == nullptr);
	try {
		dynamic_cast<Circle &>(plain);
	} catch (const std::bad_cast &e) {
		STR("caught bad_cast");
	}
	STR(typeid(*shape).name());
	INT(typeid(*shape) == typeid(Circle));
	Diamond diamond;
	Base *base = &diamond;
	INT(dynamic_cast<Diamond *>(base)->d);
	INT(dynamic_cast<Right *>(static_cast<Left *>(&diamond))->r);
	INT(static_cast<Left &>(diamond).b);

	try {
		Loud inside("inside a try");
		throw std::runtime_error("thrown");
	} catch (const std::exception &e) {
		STR(e.what());
	}
	try {
		try {
			throw 42;
		} catch (...) {
			STR("again");
			throw;
		}
	} catch (int n) {
		INT(n);
	}
	try {
		std::vector<int>().at(3);
	} catch (const std::out_of_range &) {
		STR("out of range");
	}
	try {
		std::stoi("x");
	} catch (const std::invalid_argument &e) {
		STR(e.what());
	}
	INT(new (std::nothrow) char[(size_t)1 << 60] == nullptr);
	try {
		delete[] new char[(size_t)1 << 60];
	} catch (const std::bad_alloc &) {
		STR("bad_alloc");
	}

	std::vector<std::string> words{"pear", "fig", "apple"};
	std::sort(words.begin(), words.end());
	std::string joined;
	for (auto &w : words)
		joined += w + " ";
	STR(joined.c_str());
	std::map<std::string, int> counts;
	for (auto w : {"a", "b", "a"})
		counts[w]++;
	INT(counts["a"]);
	std::ostringstream out;
	out << 42 << ' ' << 1.5 << ' ' << std::hex << 255 << ' ' << std::setw(6) << std::setfill('*') << "x" << ' ' << std::boolalpha << true;
	STR(out.str().c_str());
	out.str("");
	out << std::dec << std::fixed << std::setprecision(3) << 3.14159 << ' ' << std::scientific << 12345.678;
	STR(out.str().c_str());
	std::istringstream in("7 8.5 word");
	int i;
	double d;
	std::string s;
	in >> i >> d >> s;
	CHECK("read", "%d %g %s", i, d, s.c_str());
	INT(in.eof());
	std::cout << "cout " << 5 << std::endl;
	std::wstring w = L"wide";
	INT(w.size());
	INT(std::stoll("-123456789012"));
	STR(std::to_string(3.5).c_str());
	return 3;
}
