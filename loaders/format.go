package loaders

// Format is the kind of container a sample is.
type Format string

const (
	PE        Format = "pe"        // starts with MZ
	Shellcode Format = "shellcode" // nothing that is recognised: raw x86-64 code
)

// Recognise tells the format from content alone; names and extensions are not
// looked at. Whatever is not recognised is raw code.
func Recognise(data []byte) Format {
	if len(data) >= 2 && data[0] == 'M' && data[1] == 'Z' {
		return PE
	}
	return Shellcode
}
