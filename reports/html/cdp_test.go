package html_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// tab is a page in a headless Chromium, driven by its DevTools protocol over a
// pipe.
//
// https://chromedevtools.github.io/devtools-protocol/
type tab struct {
	t       *testing.T
	write   *os.File
	answers chan message
	session string
	id      int
	errors  []string // of the console, the policy and scripts
	fetched []string // URLs asked for
	loaded  int      // load events
}

type message struct {
	ID     int             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
	SessionID string `json:"sessionId,omitempty"`
}

const patience = 60 * time.Second

// openTab starts Chromium, or skips the test with the reason it cannot.
func openTab(t *testing.T) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			program = p
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium here (scripts/deps.sh test installs Debian's)")
	}
	toBrowser, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// The page is our own and the sandbox is not to be had in containers.
	cmd := exec.Command(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser} // 3 and 4, as the flag has it
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Skipf("Chromium cannot start: %v", err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &tab{t: t, write: write, answers: make(chan message, 1000)}
	go func() {
		defer close(b.answers)
		in := bufio.NewReaderSize(read, 1<<20)
		for {
			line, err := in.ReadBytes(0)
			if err != nil {
				return
			}
			var m message
			if json.Unmarshal(line[:len(line)-1], &m) == nil {
				b.answers <- m
			}
		}
	}()
	t.Cleanup(func() {
		b.send("Browser.close", nil)
		write.Close()
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
		read.Close()
	})
	var target struct{ TargetID string }
	if err := b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		t.Skipf("Chromium cannot start: %v\n%s", err, stderr.Bytes())
	}
	var attached struct{ SessionID string }
	b.must("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.must(domain+".enable", nil, nil)
	}
	b.size(1440, 1000)
	return b
}

func (b *tab) send(method string, params any) {
	if params == nil {
		params = struct{}{}
	}
	raw, err := json.Marshal(params)
	if err != nil {
		b.t.Fatal(err)
	}
	b.id++
	line, _ := json.Marshal(message{ID: b.id, Method: method, Params: raw, SessionID: b.session})
	_, _ = b.write.Write(append(line, 0)) // a dead browser is seen when its answer is missing
}

// call sends a command and waits for its answer.
func (b *tab) call(method string, params, result any) error {
	b.send(method, params)
	late := time.After(patience)
	for {
		select {
		case m, ok := <-b.answers:
			switch {
			case !ok:
				return fmt.Errorf("%s: the browser ended", method)
			case m.ID != b.id:
				b.event(m)
			case m.Error != nil:
				return fmt.Errorf("%s: %s", method, m.Error.Message)
			case result != nil:
				return json.Unmarshal(m.Result, result)
			default:
				return nil
			}
		case <-late:
			return fmt.Errorf("%s: no answer in %s", method, patience)
		}
	}
}

func (b *tab) must(method string, params, result any) {
	b.t.Helper()
	if err := b.call(method, params, result); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) event(m message) {
	var p struct {
		Type, Timestamp any
		Entry           struct{ Level, Text string }
		Request         struct{ URL string }
	}
	_ = json.Unmarshal(m.Params, &p)
	switch m.Method {
	case "Page.loadEventFired":
		b.loaded++
	case "Network.requestWillBeSent":
		b.fetched = append(b.fetched, p.Request.URL)
	case "Runtime.exceptionThrown":
		b.errors = append(b.errors, string(m.Params))
	case "Runtime.consoleAPICalled":
		if p.Type == "error" || p.Type == "warning" {
			b.errors = append(b.errors, string(m.Params))
		}
	case "Log.entryAdded":
		if p.Entry.Level == "error" {
			b.errors = append(b.errors, p.Entry.Text)
		}
	}
}

// visit opens a page and waits until it is loaded.
func (b *tab) visit(url string) {
	b.t.Helper()
	loaded := b.loaded
	b.must("Page.navigate", map[string]any{"url": url}, nil)
	for until := time.Now().Add(patience); b.loaded == loaded; {
		if time.Now().After(until) {
			b.t.Fatal("the page is not loaded")
		}
		b.js("0")
	}
}

// js is the value of an expression, which may be a promise.
func (b *tab) js(expression string) any {
	b.t.Helper()
	var r struct {
		Result           struct{ Value any }
		ExceptionDetails json.RawMessage
	}
	b.must("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails)
	}
	return r.Result.Value
}

// await waits until an expression is true.
func (b *tab) await(expression string) {
	b.t.Helper()
	for until := time.Now().Add(patience); b.js(expression) != true; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			b.t.Fatalf("never true: %s", expression)
		}
	}
}

// press types a key as a person does.
func (b *tab) press(key string) {
	b.t.Helper()
	text := ""
	if len(key) == 1 {
		text = key
	} else if key == "Enter" {
		text = "\r"
	}
	b.must("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": key, "text": text}, nil)
	b.must("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key}, nil)
}

func (b *tab) size(width, height int) {
	b.must("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// prefers sets what the system says of light and dark.
func (b *tab) prefers(scheme string) {
	b.must("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// number is a number in JavaScript.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// picture keeps what is seen in the folder that SCREENSHOTS names, if it does.
func (b *tab) picture(name string) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	var shot struct{ Data string }
	b.must("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
