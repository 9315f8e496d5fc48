package replicas

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// docs/replicas.md names every parameter and every test it calls on.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../docs/replicas.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range Keys() {
		if !strings.Contains(string(doc), "\n| `"+key+"` |") {
			t.Errorf("docs/replicas.md: no row for the parameter %s", key)
		}
	}
	var source strings.Builder
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "_test.go") {
			text, err := os.ReadFile(e.Name())
			if err != nil {
				t.Fatal(err)
			}
			source.Write(text)
		}
	}
	for _, name := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(string(doc), -1) {
		if !strings.Contains(source.String(), "func "+name[1]+"(") {
			t.Errorf("docs/replicas.md: there is no test %s", name[1])
		}
	}
}
