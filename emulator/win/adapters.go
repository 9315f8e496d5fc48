package win

import "sidetrace/emulator/trace"

// The adapters turn a typed handler into what the dispatcher calls. There is
// one for each number of parameters; all are the same but for that.

// Func0 is a row for a handler of 0 parameters, named in params.
func Func0[R Result](name string, fn func(*Call) (R, Error)) Row {
	return newRow[R](name, "", func(c *Call) uint64 {
		return finish(c, fn)
	})
}

// Func1 is a row for a handler of 1 parameter, named in params.
func Func1[A Arg[A], R Result](name string, fn func(*Call, A) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0)
		return settle(c, r, err)
	}, format[A]())
}

// Func2 is a row for a handler of 2 parameters, named in params.
func Func2[A Arg[A], B Arg[B], R Result](name string, fn func(*Call, A, B) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1)
		return settle(c, r, err)
	}, format[A](), format[B]())
}

// Func3 is a row for a handler of 3 parameters, named in params.
func Func3[A Arg[A], B Arg[B], C Arg[C], R Result](name string, fn func(*Call, A, B, C) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C]())
}

// Func4 is a row for a handler of 4 parameters, named in params.
func Func4[A Arg[A], B Arg[B], C Arg[C], D Arg[D], R Result](name string, fn func(*Call, A, B, C, D) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D]())
}

// Func5 is a row for a handler of 5 parameters, named in params.
func Func5[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], R Result](name string, fn func(*Call, A, B, C, D, E) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E]())
}

// Func6 is a row for a handler of 6 parameters, named in params.
func Func6[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], R Result](name string, fn func(*Call, A, B, C, D, E, F) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F]())
}

// Func7 is a row for a handler of 7 parameters, named in params.
func Func7[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], G Arg[G], R Result](name string, fn func(*Call, A, B, C, D, E, F, G) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		a6 := arg[G](c, 6)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5, a6)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F](), format[G]())
}

// Func8 is a row for a handler of 8 parameters, named in params.
func Func8[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], G Arg[G], H Arg[H], R Result](name string, fn func(*Call, A, B, C, D, E, F, G, H) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		a6 := arg[G](c, 6)
		a7 := arg[H](c, 7)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5, a6, a7)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F](), format[G](), format[H]())
}

// Func9 is a row for a handler of 9 parameters, named in params.
func Func9[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], G Arg[G], H Arg[H], I Arg[I], R Result](name string, fn func(*Call, A, B, C, D, E, F, G, H, I) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		a6 := arg[G](c, 6)
		a7 := arg[H](c, 7)
		a8 := arg[I](c, 8)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5, a6, a7, a8)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F](), format[G](), format[H](), format[I]())
}

// Func10 is a row for a handler of 10 parameters, named in params.
func Func10[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], G Arg[G], H Arg[H], I Arg[I], J Arg[J], R Result](name string, fn func(*Call, A, B, C, D, E, F, G, H, I, J) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		a6 := arg[G](c, 6)
		a7 := arg[H](c, 7)
		a8 := arg[I](c, 8)
		a9 := arg[J](c, 9)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F](), format[G](), format[H](), format[I](), format[J]())
}

// Func11 is a row for a handler of 11 parameters, named in params.
func Func11[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], G Arg[G], H Arg[H], I Arg[I], J Arg[J], K Arg[K], R Result](name string, fn func(*Call, A, B, C, D, E, F, G, H, I, J, K) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		a6 := arg[G](c, 6)
		a7 := arg[H](c, 7)
		a8 := arg[I](c, 8)
		a9 := arg[J](c, 9)
		a10 := arg[K](c, 10)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F](), format[G](), format[H](), format[I](), format[J](), format[K]())
}

// Func12 is a row for a handler of 12 parameters, named in params.
func Func12[A Arg[A], B Arg[B], C Arg[C], D Arg[D], E Arg[E], F Arg[F], G Arg[G], H Arg[H], I Arg[I], J Arg[J], K Arg[K], L Arg[L], R Result](name string, fn func(*Call, A, B, C, D, E, F, G, H, I, J, K, L) (R, Error), params string) Row {
	return newRow[R](name, params, func(c *Call) uint64 {
		a0 := arg[A](c, 0)
		a1 := arg[B](c, 1)
		a2 := arg[C](c, 2)
		a3 := arg[D](c, 3)
		a4 := arg[E](c, 4)
		a5 := arg[F](c, 5)
		a6 := arg[G](c, 6)
		a7 := arg[H](c, 7)
		a8 := arg[I](c, 8)
		a9 := arg[J](c, 9)
		a10 := arg[K](c, 10)
		a11 := arg[L](c, 11)
		if c.fault != nil {
			return 0
		}
		r, err := fn(c, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11)
		return settle(c, r, err)
	}, format[A](), format[B](), format[C](), format[D](), format[E](), format[F](), format[G](), format[H](), format[I](), format[J](), format[K](), format[L]())
}

func finish[R Result](c *Call, fn func(*Call) (R, Error)) uint64 {
	r, err := fn(c)
	return settle(c, r, err)
}

// arg decodes and records argument i.
func arg[T Arg[T]](c *Call, i int) T {
	var t T
	c.arg = i
	c.open.Arg(i, c.slots[i])
	return t.Decode(c, c.slots[i])
}

func format[T Arg[T]]() trace.Format {
	var t T
	return t.Format()
}

func settle[R Result](c *Call, r R, err Error) uint64 {
	if err != 0 {
		c.T.SetLastError(uint32(err))
		return r.Failure()
	}
	deliver(c, r)
	return r.Raw()
}
