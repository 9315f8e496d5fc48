package html_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	nethtml "golang.org/x/net/html"

	"sidetrace/emulator/trace"
	"sidetrace/reports"
)

func TestSameBytes(t *testing.T) {
	if !bytes.Equal(write(t, suite(50)), write(t, suite(50))) {
		t.Error("two pages of the same suite differ")
	}
}

// TestInert reads the page as a browser does and looks for anything that a
// guest could have put there, or that could ask a network.
func TestInert(t *testing.T) {
	page := write(t, suite(50))
	for _, bad := range []string{"\x1b", "\u202e", "ZgotmplZ"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page has %q in it", bad)
		}
	}
	doc, err := nethtml.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	scripts := map[string]int{}
	for n := range doc.Descendants() {
		if n.Type != nethtml.ElementNode {
			continue
		}
		switch n.Data {
		case "img", "iframe", "object", "embed", "link", "base", "form", "image", "use", "foreignobject":
			t.Errorf("the page has an element %s", n.Data)
		case "script":
			kind := ""
			for _, a := range n.Attr {
				if a.Key == "type" {
					kind = a.Val
				}
			}
			scripts[kind]++
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("the page has <%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
	// Two runs with events, artifacts and calls each, one of them with rules.
	if diff := cmp.Diff(map[string]int{"": 1, "text/plain": 7}, scripts); diff != "" {
		t.Errorf("scripts (-want +got):\n%s", diff)
	}
}

// TestReadable is what a reader finds without a script.
func TestReadable(t *testing.T) {
	page := string(write(t, suite(50)))
	for _, want := range []string{"Nearest miss", "1 of 2 conditions hold", "step 3: not seen", "at least 1 fire", "7d 00:00:00.008"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestChain is the picture in words: each arrow with the behaviour that proves
// it.
func TestChain(t *testing.T) {
	page := string(write(t, suite(50)))
	page = page[strings.Index(page, "The chain in words"):]
	var got []string
	for _, m := range regexp.MustCompile(`<li>(.*?)</li>`).FindAllStringSubmatch(page[:strings.Index(page, "</ol>")], -1) {
		text := nethtml.UnescapeString(m[1])
		got = append(got, strings.ReplaceAll(text, reports.Printable(hostile), "HOSTILE"))
	}
	want := []string{
		"phone.exe → HOSTILE: module.load #3",
		"HOSTILE → blob.bin: file.read #5",
		"blob.bin → layer 1: payload.decrypted rc4 #7",
		"layer 1 → a.ico: http.request GET 200 #10",
		"a.ico → c2.example: crypto.decrypt AES-GCM #12",
		"layer 1 → c2.example: http.request POST no answer #14",
		"layer 1 → HOSTILE: process.create #15",
		"HOSTILE → registry.read: step 3: not seen",
	}
	// A file's name is what follows its last slash, markup or not.
	base := trace.BaseName(`C:\` + hostile)
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], reports.Printable(base), "HOSTILE")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}
}

// TestChainIsShort shows that a picture of a program that does much leaves
// things out and says so.
func TestChainIsShort(t *testing.T) {
	run := record(0)
	for i := range 10 {
		run.Behaviours = append(run.Behaviours, trace.Behaviour{Seq: uint64(100 + i), TID: 1, Fields: trace.ProcessCreate{Image: `C:\a.exe`, ID: uint32(100 + i)}})
	}
	page := write(t, reports.NewSuite("", []reports.Scenario{{ID: "many", Verdict: reports.Pass, Run: reports.NewRun(run)}}))
	if !bytes.Contains(page, []byte("5 more of what the program")) { // one process was there, six are drawn
		t.Error("the page does not say what is not drawn")
	}
}

// TestLimit shows that a page stays within its size and says what is missing,
// whatever was recorded.
func TestLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("compresses 20 MB, and again")
	}
	random := rand.NewChaCha8([32]byte{})
	s := suite(0)
	for i := range s.Scenarios[:2] {
		run := s.Scenarios[i].Trace
		for range 40 {
			data := make([]byte, 512<<10)
			_, _ = random.Read(data)
			run.Artifacts = append(run.Artifacts, trace.Artifact{Name: "noise.bin", Size: len(data), Data: data})
		}
		s.Scenarios[i].Run = reports.NewRun(run)
	}
	page := write(t, s)
	t.Logf("%.1f MB", float64(len(page))/1e6)
	if len(page) > 15_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	if !bytes.Contains(page, []byte("artifacts the first ")) {
		t.Error("the page does not say what is missing")
	}

	// Scenarios without end take what room there is from their own blocks.
	many := suite(0)
	for len(many.Scenarios) < 600 {
		many.Scenarios = append(many.Scenarios, many.Scenarios[0])
	}
	page = write(t, many)
	t.Logf("600 scenarios: %.1f MB", float64(len(page))/1e6)
	if len(page) > 15_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
}

// TestReadBack shows that a suite read back from JSON, which has no trace, can
// be written too.
func TestReadBack(t *testing.T) {
	var text bytes.Buffer
	if err := reports.WriteJSON(&text, suite(50)); err != nil {
		t.Fatal(err)
	}
	var s reports.Suite
	if err := json.Unmarshal(text.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	page := write(t, &s)
	if !bytes.Contains(page, []byte(`data-block="events"`)) {
		t.Error("the page has no events")
	}
	if bytes.Contains(page, []byte(`data-block="calls"`)) {
		t.Error("the page has calls of a run without a trace")
	}
}
