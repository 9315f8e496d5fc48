// Corpus loads every DLL of some Debian packages in the emulator and says what
// became of each: make corpus.
//
// Usage: corpus [-j N] [-time D] [-out FILE] [DLL…]
//
// Each DLL runs in a process of its own, which is this program again with
// -worker, so that one that crashes or hangs costs one line of the table.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"sidetrace/emulator"
	"sidetrace/emulator/corpus"
)

func main() {
	worker := flag.String("worker", "", "run one `DLL` and print its outcome as JSON")
	jobs := flag.Int("j", 2, "processes at a time")
	limit := flag.Duration("time", time.Minute, "for one DLL")
	out := flag.String("out", "out/corpus.md", "where the table goes too")
	least := flag.Float64("least", 95, "percent that must come to the end of DllMain")
	flag.Parse()
	var err error
	if *worker != "" {
		err = work(os.Stdout, *worker)
	} else {
		err = all(flag.Args(), *jobs, *limit, *out, *least)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

// work runs one DLL with the DLLs beside it.
func work(w io.Writer, path string) error {
	system, err := emulator.NewSystem()
	if err != nil {
		return err
	}
	defer system.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var sysroot fs.FS
	if info, err := os.Stat(corpus.Wine); err == nil && info.IsDir() {
		sysroot = folders{os.DirFS(corpus.Wine), os.DirFS(corpus.Tables)}
	}
	beside, err := beside(path)
	if err != nil {
		return err
	}
	outcome := corpus.Run(context.Background(), system, filepath.Base(path), data, beside, sysroot)
	return json.NewEncoder(w).Encode(outcome)
}

// folders is several folders seen as one; a file of the first has precedence.
type folders []fs.FS

func (f folders) Open(name string) (fs.File, error) {
	var first error
	for _, folder := range f {
		file, err := folder.Open(name)
		if err == nil {
			return file, nil
		}
		first = cmp.Or(first, err)
	}
	return nil, first
}

// ReadDir lists the files of all; folders that are not there have none.
func (f folders) ReadDir(name string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, folder := range f {
		entries, err := fs.ReadDir(folder, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

// beside reads the DLLs that a DLL may import: those of its folder, and of the
// other folders of the same compiler, but none of Wine's, which are the system.
func beside(path string) (map[string][]byte, error) {
	files := map[string][]byte{}
	if filepath.Dir(path) == corpus.Wine {
		return files, nil
	}
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path)), "/usr/x86_64-w64-mingw32/lib"} {
		names, err := filepath.Glob(dir + "/*.dll")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if files[filepath.Base(name)] != nil {
				continue
			}
			if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

type result struct {
	path string
	corpus.Outcome
}

func all(paths []string, jobs int, limit time.Duration, out string, least float64) error {
	if len(paths) == 0 {
		for _, pattern := range corpus.Sources() {
			found, err := filepath.Glob(pattern + "/*.dll")
			if err != nil {
				return err
			}
			paths = append(paths, found...)
		}
	}
	if len(paths) == 0 {
		return errors.New("no DLL found: scripts/deps.sh corpus installs them")
	}
	results := make([]result, len(paths))
	next := make(chan int)
	var group sync.WaitGroup
	for range jobs {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range next {
				results[i] = result{paths[i], try(paths[i], limit)}
			}
		}()
	}
	for i := range paths {
		if i%50 == 0 {
			fmt.Fprintf(os.Stderr, "corpus: %d of %d\n", i, len(paths))
		}
		next <- i
	}
	close(next)
	group.Wait()

	var table bytes.Buffer
	percent, broken := report(&table, results)
	if _, err := os.Stdout.Write(table.Bytes()); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(out, table.Bytes(), 0o644); err != nil {
		return err
	}
	switch {
	case broken > 0:
		return fmt.Errorf("%d DLLs crashed the emulator or took too long", broken)
	case percent < least:
		return fmt.Errorf("%.1f %% came to the end of DllMain, less than %.0f", percent, least)
	}
	return nil
}

// try runs one DLL in a process of its own.
func try(path string, limit time.Duration) corpus.Outcome {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "-worker", path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	data, err := cmd.Output()
	var o corpus.Outcome
	switch {
	case ctx.Err() != nil:
		return corpus.Outcome{Result: corpus.TimedOut}
	case err != nil:
		first, _, _ := strings.Cut(stderr.String(), "\n")
		return corpus.Outcome{Result: corpus.Crash, Detail: err.Error() + ": " + first}
	}
	if err := json.Unmarshal(data, &o); err != nil {
		return corpus.Outcome{Result: corpus.Crash, Detail: err.Error()}
	}
	return o
}

// report writes the tables and returns how many in a hundred DLLs, of those
// that are for x86-64, came to the end, and how many broke the emulator.
func report(w io.Writer, results []result) (percent float64, broken int) {
	counts, gaps := map[string]int{}, map[string]int{}
	ended, tried := 0, 0
	for _, r := range results {
		counts[r.Result]++
		if r.Result != corpus.Refused {
			tried++
		}
		if r.Ended() {
			ended++
		}
		if r.Result == corpus.Crash || r.Result == corpus.TimedOut {
			broken++
		}
		for _, g := range slices.Compact(slices.Sorted(slices.Values(r.Gaps))) {
			gaps[g]++
		}
	}
	percent = 100 * float64(ended) / float64(max(tried, 1))
	fmt.Fprintf(w, "# DLLs of other people\n\n%d of %d came to the end of DllMain (%.1f %%).\n\n| outcome | DLLs |\n|---|---|\n", ended, tried, percent)
	for _, name := range byCount(counts) {
		fmt.Fprintf(w, "| %s | %d |\n", name, counts[name])
	}
	fmt.Fprint(w, "\n| gap | DLLs |\n|---|---|\n")
	for _, name := range byCount(gaps) {
		fmt.Fprintf(w, "| %s | %d |\n", cell(name), gaps[name])
	}
	fmt.Fprint(w, "\n| DLL | outcome | detail | gaps |\n|---|---|---|---|\n")
	for _, r := range results {
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", r.path, r.Result, cell(r.Detail), cell(strings.Join(r.Gaps, ", ")))
	}
	return percent, broken
}

func byCount(counts map[string]int) []string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		return counts[a] > counts[b] || counts[a] == counts[b] && a < b
	})
	return names
}

func cell(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return strings.ReplaceAll(s, "|", "/")
}
