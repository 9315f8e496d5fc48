// Finish is the last step of replicas/build.sh for a linked PE: the DOS stub
// says what the file is, and the checksum is right again.
//
//	finish FILE…                     change the files in place
//	finish -encode SECTION FILE…     and encode a section, as packers do (src/ordinary/packed.c)
//	finish -start FILE               print the RVA of DllGetClassObject
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"sidetrace/loaders/pe"
	"sidetrace/replicas/internal/pefile"
)

const dosText = "A benign sidetrace replica, not for DOS."

func main() {
	start := flag.Bool("start", false, "print the RVA of DllGetClassObject and change nothing")
	encode := flag.String("encode", "", "`section` to encode too")
	flag.Parse()
	for _, name := range flag.Args() {
		if err := finish(name, *encode, *start); err != nil {
			fmt.Fprintf(os.Stderr, "finish: %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func finish(name, encode string, start bool) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if start {
		return printStart(data)
	}
	f, err := pefile.Open(data)
	if err != nil {
		return err
	}
	if err := f.SetDOSText(dosText); err != nil {
		return err
	}
	if encode != "" {
		if err := encodeSection(data, encode); err != nil {
			return err
		}
	}
	f.SetChecksum()
	return os.WriteFile(name, data, 0o644)
}

func printStart(data []byte) error {
	image, err := pe.Parse(data)
	if err != nil {
		return err
	}
	if image.Exports != nil {
		for _, e := range image.Exports.Symbols {
			if e.Name == "DllGetClassObject" {
				_, err := fmt.Printf("%#x\n", e.RVA)
				return err
			}
		}
	}
	return errors.New("no export DllGetClassObject")
}

// encodeSection does what packed.c undoes.
func encodeSection(data []byte, name string) error {
	image, err := pe.Parse(data)
	if err != nil {
		return err
	}
	for _, s := range image.Sections {
		if s.Name == name {
			size := min(uint64(s.VirtualSize), uint64(s.File.Size))
			for i := range data[s.File.Offset : uint64(s.File.Offset)+size] {
				data[int(s.File.Offset)+i] ^= 0x55
			}
			return nil
		}
	}
	return fmt.Errorf("no section %s", name)
}
