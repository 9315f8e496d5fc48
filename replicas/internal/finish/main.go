// Finish is the last step of replicas/build.sh for a linked PE: the DOS stub
// says what the file is, and the checksum is right again.
//
//	finish FILE…           change the files in place
//	finish -start FILE     print the RVA of DllGetClassObject
package main

import (
	"flag"
	"fmt"
	"os"

	"sidetrace/replicas/internal/pefile"
)

const dosText = "A benign sidetrace replica, not for DOS."

func main() {
	start := flag.Bool("start", false, "print the RVA of DllGetClassObject and change nothing")
	flag.Parse()
	for _, name := range flag.Args() {
		if err := finish(name, *start); err != nil {
			fmt.Fprintf(os.Stderr, "finish: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func finish(name string, start bool) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	f, err := pefile.Open(data)
	if err != nil {
		return err
	}
	if start {
		rva, err := f.Export("DllGetClassObject")
		if err != nil {
			return err
		}
		_, err = fmt.Printf("%#x\n", rva)
		return err
	}
	if err := f.SetDOSText(dosText); err != nil {
		return err
	}
	f.SetChecksum()
	return os.WriteFile(name, data, 0o644)
}
