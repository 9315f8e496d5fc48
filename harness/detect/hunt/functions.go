package hunt

import (
	"database/sql/driver"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// Function is a function that SQLite is given: osquery's, or Presto's, which the
// Data Lake is asked in.
type Function struct {
	Name    string
	Product string // "osquery" or "Presto"
	Usage   string
	Meaning string
	args    int // -1 for any number
	call    func(args []driver.Value) (driver.Value, error)
	total   func() aggregate // of many rows; nil for the others
}

// aggregate makes one value of many rows.
type aggregate interface {
	step(args []driver.Value)
	result() driver.Value
}

// Functions lists them in the order of the documentation. A list is one of JSON,
// for SQLite has none.
func Functions() []Function { return append(osqueryFunctions(), prestoFunctions()...) }

// register gives the functions to a driver.
func register(d *sqlite.Driver) error {
	for _, f := range Functions() {
		impl := &sqlite.FunctionImpl{NArgs: int32(f.args), Deterministic: true}
		if f.total != nil {
			impl.MakeAggregate = func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) {
				return &adapter{a: f.total()}, nil
			}
		} else {
			impl.Scalar = func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
				v, err := f.call(args)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", f.Name, err)
				}
				return v, nil
			}
		}
		if err := d.RegisterFunction(f.Name, impl); err != nil {
			return err
		}
	}
	return nil
}

// adapter is an aggregate as the driver calls it.
type adapter struct{ a aggregate }

func (a *adapter) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	a.a.step(args)
	return nil
}

func (a *adapter) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return fmt.Errorf("not a window function")
}

func (a *adapter) WindowValue(*sqlite.FunctionContext) (driver.Value, error) {
	return a.a.result(), nil
}
func (a *adapter) Final(*sqlite.FunctionContext) {}

// str is an argument as text, as SQLite would make it, and whether it is not
// NULL.
func str(v driver.Value) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case []byte:
		return string(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', 15, 64), true
	}
	return fmt.Sprint(v), true
}

// strs are arguments as texts; false if one is NULL.
func strs(args []driver.Value) ([]string, bool) {
	out := make([]string, len(args))
	for i, a := range args {
		s, ok := str(a)
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// integer is an argument as a whole number.
func integer(v driver.Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		return int64(v)
	}
	s, _ := str(v)
	n, _ := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	return n
}

// float is an argument as a number.
func float(v driver.Value) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	s, _ := str(v)
	f, _ := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return f
}

func truth(b bool) driver.Value {
	if b {
		return int64(1)
	}
	return int64(0)
}

// patterns are regular expressions that were compiled. There are as many as
// queries have, and a query that makes them of data has no more than a few kept.
type patterns struct {
	mu   sync.Mutex
	made map[string]*regexp.Regexp
}

func (p *patterns) get(s string) (*regexp.Regexp, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if re := p.made[s]; re != nil {
		return re, nil
	}
	if len(s) > 10000 {
		return nil, fmt.Errorf("a pattern of %d bytes", len(s))
	}
	re, err := regexp.Compile(s)
	if err != nil {
		return nil, fmt.Errorf("the pattern is none of RE2's, which has no look-around and no back-references: %w", err)
	}
	if len(p.made) >= 100 || p.made == nil {
		p.made = map[string]*regexp.Regexp{}
	}
	p.made[s] = re
	return re, nil
}
