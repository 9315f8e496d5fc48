package kernel32

// Code pages of a machine set up for American English.
const (
	ansiCodePage = 1252
	oemCodePage  = 437
)
