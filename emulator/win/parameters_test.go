package win_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var adapter = regexp.MustCompile(`^Func[1-9][0-9]?$`)

// TestParameterNames compares the names in the tables' rows with those of the
// handlers' parameters, which the compiler cannot. A handler of several exports
// has the names of one of them.
func TestParameterNames(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]*ast.File{}
	set := token.NewFileSet()
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		packages[filepath.Dir(path)] = append(packages[filepath.Dir(path)], f)
	}
	rows := 0
	for _, files := range packages {
		handlers := parameterNames(files)
		agree, differ := map[string]bool{}, map[string]string{}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				name, handler, names, ok := row(n)
				if !ok {
					return true
				}
				want, known := handlers[handler]
				if !known {
					return true // a handler made by a function
				}
				rows++
				if names == want {
					agree[handler] = true
				} else {
					differ[handler] = fmt.Sprintf("%s: %s: the row says %q, %s says %q", set.Position(n.Pos()), name, names, handler, want)
				}
				return true
			})
		}
		for handler, message := range differ {
			if !agree[handler] {
				t.Error(message)
			}
		}
	}
	if rows < 100 {
		t.Errorf("only %d rows were found", rows)
	}
}

// parameterNames gives, for each function, the names of its parameters behind
// the first, which is the call.
func parameterNames(files []*ast.File) map[string]string {
	all := map[string]string{}
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil {
				continue
			}
			var names []string
			for _, field := range fn.Type.Params.List {
				for _, name := range field.Names {
					names = append(names, name.Name)
				}
			}
			if len(names) > 0 {
				all[fn.Name.Name] = strings.Join(names[1:], " ")
			}
		}
	}
	return all
}

// row takes win.FuncN("Name", handler, "names") apart.
func row(n ast.Node) (name, handler, names string, ok bool) {
	call, isCall := n.(*ast.CallExpr)
	if !isCall || len(call.Args) != 3 {
		return "", "", "", false
	}
	fn, isSelector := call.Fun.(*ast.SelectorExpr)
	if !isSelector || !adapter.MatchString(fn.Sel.Name) {
		return "", "", "", false
	}
	first, ok1 := call.Args[0].(*ast.BasicLit)
	second, ok2 := call.Args[1].(*ast.Ident)
	third, ok3 := call.Args[2].(*ast.BasicLit)
	if !ok1 || !ok2 || !ok3 {
		return "", "", "", false
	}
	name, err1 := strconv.Unquote(first.Value)
	names, err3 := strconv.Unquote(third.Value)
	return name, second.Name, names, err1 == nil && err3 == nil
}
