package html_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidetrace/reports"
)

// TestBrowser uses the page as a reader does, from a file, in Chromium.
func TestBrowser(t *testing.T) {
	b := openTab(t)
	file := filepath.Join(t.TempDir(), "report.html")
	page := write(t, suite(100_000))
	if err := os.WriteFile(file, page, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("page with 100,000 calls: %.1f MB", float64(len(page))/1e6)
	if len(page) > 15_000_000 {
		t.Errorf("the page has %d bytes", len(page))
	}
	want := func(t *testing.T, expression string, want any) {
		t.Helper()
		if got := b.js(expression); got != want {
			t.Errorf("%s: got %v, want %v", expression, got, want)
		}
	}
	b.visit("file://" + file)

	t.Run("hostile names are text", func(t *testing.T) {
		want(t, `document.querySelectorAll("img").length`, 0.0)
		want(t, `document.title`, "sidetrace: error, 3 scenarios")
		want(t, `document.querySelector("#scenario-0 .lead").textContent`, reports.Printable(hostile))
	})
	t.Run("the worst is shown first", func(t *testing.T) {
		want(t, `document.querySelector("article:not([hidden])").dataset.id`, "phone-failing")
		want(t, `document.querySelectorAll("#scenario-0 .box.missing").length`, 1.0)
	})
	t.Run("filter scenarios", func(t *testing.T) {
		b.js(`{const f = document.querySelector("#filter"); f.value = "LONG"; f.dispatchEvent(new Event("input"))}`)
		want(t, `[...document.querySelectorAll("#scenarios li:not([hidden]) b")].map(b => b.textContent).join()`, "phone-long")
		b.js(`{const f = document.querySelector("#filter"); f.value = ""; f.dispatchEvent(new Event("input"))}`)
		b.js(`document.querySelector(".chip.error").click()`)
		want(t, `[...document.querySelectorAll("#scenarios li:not([hidden]) b")].map(b => b.textContent).join()`, "phone-broken")
		b.js(`document.querySelector(".chip.error").click()`)
		want(t, `document.querySelectorAll("#scenarios li:not([hidden])").length`, 3.0)
	})
	t.Run("tabs by keys", func(t *testing.T) {
		b.js(`document.querySelector("article:not([hidden]) [aria-selected=true]").focus()`)
		b.press("ArrowRight")
		want(t, `document.activeElement.dataset.tab`, "expect")
		want(t, `document.querySelector("#scenario-0 [data-panel=expect]").hidden`, false)
		want(t, `document.querySelector("#scenario-0 [data-panel=chain]").hidden`, true)
	})
	t.Run("an arrow leads to the event", func(t *testing.T) {
		b.js(`openTab(current, "chain"); document.querySelector("#scenario-0 .box.host").focus()`)
		b.press("Enter")
		b.await(`document.querySelector("#scenario-0 .details h3")?.textContent === "http.request #10"`)
		want(t, `document.querySelector("#scenario-0 .details td").textContent`, "GET")
		want(t, `getComputedStyle(document.activeElement).outlineStyle === "solid" && document.activeElement.classList.contains("list")`, true)
	})
	t.Run("zoom", func(t *testing.T) {
		size := `{const d = document.querySelector("#scenario-0 .timeline").dataset; d.to - d.from}`
		b.js(`document.querySelector("#scenario-0 .timeline").focus()`)
		b.press("0")
		all := b.js(size).(float64)
		b.press("+")
		b.press("+")
		if near := b.js(size).(float64); near > all/3 {
			t.Errorf("two steps nearer: %v of %v", near, all)
		}
		b.press("-")
		b.must("Input.dispatchMouseEvent", map[string]any{"type": "mouseWheel", "x": 800, "y": 400, "deltaX": 0, "deltaY": -120}, nil)
		b.press("0")
		b.await(`(() => {const d = document.querySelector("#scenario-0 .timeline").dataset; return Math.abs(d.to - d.from - ` + number(all) + `) < 1e-6})()`)
	})
	t.Run("expand and search rules", func(t *testing.T) {
		b.js(`openTab(current, "detect")`)
		want(t, `document.querySelector("#scenario-0 tr.rule").dataset.state`, "fail") // what is not as it should be stands first
		b.js(`document.querySelector("#scenario-0 .open").focus()`)
		b.press("Enter")
		b.await(`document.querySelector("#scenario-0 tr.more")?.hidden === false`)
		text := b.js(`document.querySelector("#scenario-0 tr.more").textContent`).(string)
		for _, s := range []string{"Why it is silent", "does not hold $b", "want at least 1 fire, got silence", `\u{202e}`, "<img src=x"} {
			if !strings.Contains(text, s) {
				t.Errorf("no %q in why the rule is silent: %s", s, text)
			}
		}
		b.press("ArrowDown")
		want(t, `document.activeElement.textContent.includes("loud")`, true)
		b.press("/")
		want(t, `document.activeElement.className`, "rulefilter")
		for _, c := range "quiet" {
			b.press(string(c))
		}
		want(t, `document.querySelectorAll("#scenario-0 tr.rule:not([hidden])").length`, 1.0)
		b.press("Escape")
	})
	t.Run("artifacts", func(t *testing.T) {
		b.js(`openTab(current, "artifacts")`)
		b.await(`document.querySelector("#scenario-0 .c-ascii") !== null`)
		want(t, `document.querySelector("#scenario-0 .c-hex").textContent.slice(0, 11)`, "4d 5a 90 00")
		b.js(`[...document.querySelectorAll("#scenario-0 .artifact button")].find(b => b.textContent === "Strings").click()`)
		text := b.js(`document.querySelector("#scenario-0 .artifact .list").textContent`).(string)
		for _, s := range []string{"a string of the artifact", "UTF-16wider", "<img src=x"} {
			if !strings.Contains(text, s) {
				t.Errorf("no %q among the strings: %s", s, text)
			}
		}
		// The bytes that a download would have are those of the artifact.
		want(t, `new Promise(done => {
			const create = URL.createObjectURL;
			URL.createObjectURL = blob => { URL.createObjectURL = create; blob.text().then(text => done(text.slice(0, 2))); return create(blob); };
			[...document.querySelectorAll("#scenario-0 .artifact button")].find(b => b.textContent === "Download").click();
		})`, "MZ")
	})
	t.Run("dark and light", func(t *testing.T) {
		back := `getComputedStyle(document.body).backgroundColor`
		b.prefers("light")
		want(t, back, "rgb(255, 255, 255)")
		b.prefers("dark")
		want(t, back, "rgb(20, 23, 28)")
		b.js(`document.querySelector("#theme").click()`) // auto to light
		want(t, back, "rgb(255, 255, 255)")
		b.js(`document.querySelector("#theme").click()`)
		b.prefers("light")
		want(t, back, "rgb(20, 23, 28)")
	})
	t.Run("100,000 calls", func(t *testing.T) {
		began := time.Now()
		b.visit("file://" + file + "?again#1/calls")
		b.await(`document.querySelector("#scenario-1 [data-panel=calls]").dataset.ready !== undefined`)
		took := time.Since(began)
		t.Logf("shown after %s (%v ms of it unpacking and first filter)", took.Round(time.Millisecond), b.js(`document.querySelector("#scenario-1 [data-panel=calls]").dataset.ready`))
		if took > 20*time.Second { // the aim is 2 s; machines of tests are busy
			t.Errorf("100,000 calls took %s", took)
		}
		count := `document.querySelector("#scenario-1 [data-panel=calls] .count").textContent`
		want(t, count, "100,000 of 100,000")
		want(t, `document.querySelectorAll("#scenario-1 [data-panel=calls] .row").length < 100`, true)
		b.js(`document.querySelector("#scenario-1 [data-panel=calls] .list").focus()`)
		b.press("End")
		want(t, `document.querySelector("#scenario-1 [data-panel=calls] .row[aria-selected=true]").textContent.includes("argument 99999 of")`, true)
		b.press("/")
		for _, c := range "7777 open" {
			b.press(string(c))
		}
		want(t, count, "14 of 100,000") // ten …7777, four more 7777…: those of odd numbers open a URL
		b.js(`{const s = document.querySelectorAll("#scenario-1 [data-panel=calls] select"); s[1].value = "2"; s[1].dispatchEvent(new Event("input"))}`)
		want(t, `Number(`+count+`.split(" ")[0]) < 14`, true)
	})
	for _, e := range b.errors {
		t.Errorf("console: %s", e)
	}
	for _, url := range b.fetched {
		if !strings.HasPrefix(url, "file://"+file) && !strings.HasPrefix(url, "blob:") {
			t.Errorf("the page asks for %s", url)
		}
	}
}

// TestPictures keeps screenshots of every tab of a report, to be looked at:
//
//	REPORT=/tmp/r.html SCREENSHOTS=/tmp/shots go test ./reports/html -run TestPictures
func TestPictures(t *testing.T) {
	report := os.Getenv("REPORT")
	if report == "" {
		t.Skip("REPORT names no report")
	}
	b := openTab(t)
	b.visit("file://" + report)
	scenarios := int(b.js(`document.querySelectorAll("article").length`).(float64))
	for _, scheme := range []string{"light", "dark"} {
		b.prefers(scheme)
		for n := range scenarios {
			for _, tab := range strings.Split(b.js(`[...document.querySelectorAll("#scenario-`+number(float64(n))+` [role=tab]")].map(t => t.dataset.tab).join()`).(string), ",") {
				b.js(`openScenario(` + number(float64(n)) + `, "` + tab + `")`)
				b.js(`new Promise(done => setTimeout(done, 150))`)
				b.picture(strings.Join([]string{b.js(`current.dataset.id`).(string), tab, scheme}, "-"))
			}
		}
	}
}
