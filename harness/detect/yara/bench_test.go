package yara

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidetrace/harness/detect"
)

// generated writes rules as public sets have them: some texts, a hexadecimal
// string, now and then a regular expression or a module.
func generated(count int) string {
	random := rand.New(rand.NewPCG(3, uint64(count)))
	var b strings.Builder
	b.WriteString("import \"pe\"\n")
	word := func() string {
		letters := make([]byte, 8+random.IntN(16))
		letters[0] = 'x'
		for i := 1; i < len(letters); i++ {
			letters[i] = "abcdefghijklmnopqrstuvwxyzABCDEF0123456789./_-"[random.IntN(46)]
		}
		return string(letters)
	}
	for i := range count {
		fmt.Fprintf(&b, "rule generated_%d {\n  meta:\n    description = \"rule %d\"\n    score = %d\n  strings:\n", i, i, random.IntN(100))
		for s := range 5 {
			fmt.Fprintf(&b, "    $s%d = \"%s\"%s\n", s, word(), []string{"", " wide ascii", " nocase", " fullword ascii"}[random.IntN(4)])
		}
		fmt.Fprintf(&b, "    $h = { %02X %02X %02X %02X ?? %02X [2-4] %02X %02X }\n", random.IntN(255)+1, random.IntN(256), random.IntN(256), random.IntN(256), random.IntN(256), random.IntN(256), random.IntN(256))
		if i%10 == 0 {
			fmt.Fprintf(&b, "    $r = /gen%d[0-9]{2,6}\\.(dll|exe)/ nocase\n", i)
		}
		condition := "uint16(0) == 0x5A4D and filesize < 20MB and (2 of ($s*) or $h)"
		if i%10 == 0 {
			condition = "$r or 3 of ($s*) or $h"
		}
		if i%50 == 0 {
			condition += " and pe.number_of_sections > 0"
		}
		fmt.Fprintf(&b, "  condition:\n    %s\n}\n", condition)
	}
	return b.String()
}

// image is bytes of an executable with code, text and padding.
func image(tb testing.TB, size int) []byte {
	tb.Helper()
	head, err := os.ReadFile("../../../replicas/prebuilt/ffmpeg.dll")
	if err != nil {
		tb.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	data := slices.Clone(head)
	for len(data) < size {
		switch random.IntN(4) {
		case 0:
			data = append(data, make([]byte, 4096)...)
		case 1:
			for range 4096 {
				data = append(data, byte(random.Uint32()))
			}
		case 2:
			for range 4096 {
				data = append(data, "etaoin shrdlu cmfwyp vbgkjq.xz_"[random.IntN(31)])
			}
		default:
			data = append(data, head...)
		}
	}
	return data[:size]
}

// processor is the time that this process has computed.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkProgram scans 16 MiB with 1,000 rules, in turn with the yara program,
// which does the same with the same files: once with loading the rules, and once
// with rules that were compiled before. It reports the medians of the time each
// computed, which other load of the machine changes less than the time that
// passed, and the ratio of both.
func BenchmarkProgram(b *testing.B) {
	for _, name := range []string{"yara", "yarac"} {
		if _, err := exec.LookPath(name); err != nil {
			b.Skipf("the %s program is not installed (scripts/deps.sh test installs it)", name)
		}
	}
	dir := write(b, map[string]string{"a.yar": generated(1000)})
	rules, target, ready := filepath.Join(dir, "a.yar"), filepath.Join(dir, "object"), filepath.Join(dir, "compiled")
	data := image(b, 16<<20)
	if err := os.WriteFile(target, data, 0o644); err != nil {
		b.Fatal(err)
	}
	o := detect.Object{Kind: "file", Name: "object", Data: data}
	s := &detect.Subject{Objects: []detect.Object{o}}
	variables := objectVariables(o)
	if out, err := exec.Command("yarac", append(append([]string{"-w"}, variables...), rules, ready)...).CombinedOutput(); err != nil {
		b.Fatalf("yarac: %v\n%s", err, out)
	}
	loaded, _ := Load([]detect.Source{{Path: rules}}, Options{})

	b.Run("load+scan", func(b *testing.B) {
		beside(b, append(append([]string{"-w"}, variables...), rules, target), func() {
			e, _ := Load([]detect.Source{{Path: rules}}, Options{})
			e.Detect(context.Background(), s)
		})
	})
	b.Run("scan", func(b *testing.B) {
		beside(b, append(append([]string{"-w", "-C"}, variables...), ready, target), func() {
			loaded.Detect(context.Background(), s)
		})
	})
}

// beside runs the yara program and a function of the engine in turn.
func beside(b *testing.B, args []string, engine func()) {
	var ours, theirs, oursPassed, theirsPassed []time.Duration
	for b.Loop() {
		started := time.Now()
		cmd := exec.Command("yara", args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		theirsPassed = append(theirsPassed, time.Since(started))
		theirs = append(theirs, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		started = time.Now()
		before := processor(b)
		engine()
		ours = append(ours, processor(b)-before)
		oursPassed = append(oursPassed, time.Since(started))
	}
	median := func(d []time.Duration) float64 {
		slices.Sort(d)
		return float64(d[len(d)/2])
	}
	b.ReportMetric(median(ours)/1e6, "engine-cpu-ms")
	b.ReportMetric(median(theirs)/1e6, "program-cpu-ms")
	b.ReportMetric(median(ours)/median(theirs), "cpu-ratio")
	b.ReportMetric(median(oursPassed)/median(theirsPassed), "wall-ratio")
}

// BenchmarkLoad loads 5,000 rules in 50 files: all good, and with a broken rule
// in one of ten files.
func BenchmarkLoad(b *testing.B) {
	for _, broken := range []int{0, 5} {
		b.Run(fmt.Sprintf("broken-%d", broken), func(b *testing.B) {
			files := map[string]string{}
			for i := range 50 {
				text := generated(100)
				if i < broken {
					text += "rule broken { condition: $x }\n"
				}
				files[fmt.Sprintf("%02d.yar", i)] = text
			}
			dir := write(b, files)
			for b.Loop() {
				e, _ := Load([]detect.Source{{Path: dir}}, Options{})
				if ok, _, bad := e.Count(); ok != 5000 || bad != broken {
					b.Fatalf("%d rules, %d broken", ok, bad)
				}
			}
		})
	}
}

// BenchmarkSmall scans an object of 4 KiB with 1,000 rules: what a scan costs
// beside the bytes.
func BenchmarkSmall(b *testing.B) {
	e, _ := Load([]detect.Source{{Path: write(b, map[string]string{"a.yar": generated(1000)})}}, Options{})
	s := &detect.Subject{Objects: []detect.Object{{Name: "o", Data: image(b, 4096)}}}
	for b.Loop() {
		e.Detect(context.Background(), s)
	}
}
