package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"path"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"sidetrace/emulator/trace"
)

// This file finds out which behaviours a function of Windows may leave in the
// trace, by following from its row what its handler refers to: calls, function
// values, calls of other exports by name. Interfaces are not followed, nor is
// the guest's own code.

const (
	winPath   = "sidetrace/emulator/win"
	guestPath = "sidetrace/emulator/guest"
	tracePath = "sidetrace/emulator/trace"
)

// emissions are the kinds of behaviour by package folder and name of a row.
type emissions map[string]map[string][]string

// of gives those of a DLL's row: from the package named like the DLL if that
// has such a row, else from any that has.
func (e emissions) of(dll, row string) []string {
	own := strings.TrimSuffix(strings.TrimSuffix(dll, ".dll"), ".drv")
	if kinds, ok := e[own][row]; ok {
		return kinds
	}
	var all []string
	for _, rows := range e {
		all = append(all, rows[row]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// tracer follows functions.
type tracer struct {
	bodies map[*types.Func]*packages.Package
	decls  map[*types.Func]*ast.FuncDecl
	kinds  map[string]string            // by name of the Go type
	rows   map[string][]making          // by name of the row
	seen   map[*types.Func]*consequence // of each function, once it is known
}

// making is where a row is made.
type making struct {
	pkg  *packages.Package
	call *ast.CallExpr
}

// consequence is what a function may emit by itself, and what it leads to.
type consequence struct {
	kinds     map[string]bool
	functions map[*types.Func]bool
	exports   map[string]bool // called by name
}

// boundaries are functions behind which lies the guest's code, or what comes of
// it: threads that start, calls that were waiting, bad pointers, exceptions
// nobody handles.
var boundaries = map[string]bool{
	"(*Thread).body": true, "(*Thread).callAt": true, "(*Thread).run": true, "(*Thread).Raise": true, "(*Thread).TestAlert": true,
	"(*Process).schedule": true, "(*Process).unhandled": true,
}

// traceEmissions loads the handlers' packages of a module.
func traceEmissions(module string) (emissions, error) {
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
		Dir:  module,
	}, "./emulator/win/...", "./emulator/guest")
	if err != nil {
		return nil, err
	}
	t := &tracer{
		bodies: map[*types.Func]*packages.Package{}, decls: map[*types.Func]*ast.FuncDecl{}, kinds: map[string]string{},
		rows: map[string][]making{}, seen: map[*types.Func]*consequence{},
	}
	for _, p := range trace.Payloads() {
		if _, ok := p.(trace.ProcessImage); ok {
			continue // the emulator's doing, not a function's
		}
		t.kinds[reflect.TypeOf(p).Name()] = p.Kind()
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, errors.Join(fmt.Errorf("%s cannot be read", p.PkgPath), p.Errors[0])
		}
		t.collect(p)
	}
	out := emissions{}
	for name, places := range t.rows {
		for _, place := range places {
			folder := path.Base(place.pkg.PkgPath)
			if out[folder] == nil {
				out[folder] = map[string][]string{}
			}
			out[folder][name] = merge(out[folder][name], t.reach(place))
		}
	}
	return out, nil
}

func merge(a, b []string) []string {
	all := append(a, b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// collect notes the functions and rows of a package.
func (t *tracer) collect(p *packages.Package) {
	for _, f := range p.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				if object, ok := p.TypesInfo.Defs[fn.Name].(*types.Func); ok {
					t.bodies[object], t.decls[object] = p, fn
				}
			}
		}
		if !strings.HasPrefix(p.PkgPath, winPath+"/") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) > 1 && makesRows(p.TypesInfo.TypeOf(call)) {
				if name, ok := literal(p, call.Args[0]); ok {
					t.rows[name] = append(t.rows[name], making{p, call})
				}
			}
			return true
		})
	}
}

// makesRows reports whether a call's result is win.Row or win.Rows.
func makesRows(result types.Type) bool {
	named, ok := result.(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != winPath {
		return false
	}
	return named.Obj().Name() == "Row" || named.Obj().Name() == "Rows"
}

func literal(p *packages.Package, e ast.Expr) (string, bool) {
	v := p.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// reach lists the kinds that what a row refers to may emit.
func (t *tracer) reach(row making) []string {
	kinds := map[string]bool{}
	done := map[*types.Func]bool{}
	exports := map[string]bool{}
	var follow func(c *consequence)
	follow = func(c *consequence) {
		for k := range c.kinds {
			kinds[k] = true
		}
		for f := range c.functions {
			if !done[f] {
				done[f] = true
				follow(t.of(f))
			}
		}
		for name := range c.exports {
			if exports[name] {
				continue
			}
			exports[name] = true
			for _, place := range slices.Concat(t.rows[name], t.rows[bothVersions(name)]) {
				follow(t.inspect(place.pkg, place.call))
			}
		}
	}
	follow(t.inspect(row.pkg, row.call))
	var list []string
	for k := range kinds {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func bothVersions(name string) string {
	return strings.TrimRight(name, "AW") + "{A,W}"
}

// of is the consequence of a function.
func (t *tracer) of(f *types.Func) *consequence {
	if c := t.seen[f]; c != nil {
		return c
	}
	c := &consequence{}
	if decl := t.decls[f]; decl != nil && !boundaries[qualified(f)] {
		c = t.inspect(t.bodies[f], decl.Body)
	}
	t.seen[f] = c
	return c
}

// qualified is a function's name with its receiver's type.
func qualified(f *types.Func) string {
	receiver := f.Signature().Recv()
	if receiver == nil || f.Pkg().Path() != guestPath {
		return f.Name()
	}
	name := types.TypeString(receiver.Type(), func(*types.Package) string { return "" })
	return "(" + name + ")." + f.Name()
}

// inspect finds what a piece of code emits and refers to.
func (t *tracer) inspect(p *packages.Package, code ast.Node) *consequence {
	c := &consequence{map[string]bool{}, map[*types.Func]bool{}, map[string]bool{}}
	ast.Inspect(code, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if named, ok := p.TypesInfo.TypeOf(n).(*types.Named); ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == tracePath {
				if kind, ok := t.kinds[named.Obj().Name()]; ok {
					c.kinds[kind] = true
				}
			}
		case *ast.Ident:
			if f, ok := p.TypesInfo.Uses[n].(*types.Func); ok {
				c.functions[f.Origin()] = true
			}
		case *ast.CallExpr: // c.Invoke("dll", "Name", …), or what passes a name on to it
			if makesRows(p.TypesInfo.TypeOf(n)) {
				return true
			}
			for _, a := range n.Args {
				name, ok := literal(p, a)
				if ok && (t.rows[name] != nil || t.rows[name+"{A,W}"] != nil) {
					c.exports[name] = true
				}
			}
		}
		return true
	})
	return c
}
