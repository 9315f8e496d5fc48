package guest

// Until is what a wait for a condition waits for; what says it in the report
// of a deadlock.
func Until(what string, met func() bool) []Waitable {
	return []Waitable{&Condition{What: func() string { return what }, Holds: func(*Thread) bool { return met() }}}
}
