package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sidetrace/harness/detect"
	"sidetrace/harness/telemetry"
)

// Names of what is kept of a subject in a folder.
const (
	EventsFile  = "events.jsonl"  // its events, in the form evtx_dump gives those of an event log
	NumbersFile = "events.json"   // for each event the number of its behaviour or call
	ObjectsFile = "objects.jsonl" // its objects, one a line, without their bytes
	ObjectsDir  = "objects"       // their bytes, by digest
)

// keptObject is one line of [ObjectsFile].
type keptObject struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Path   string `json:"path,omitempty"`
	Seq    uint64 `json:"seq,omitempty"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// Keep writes a subject as files, each by write, whose names are relative and
// slash-separated. [ReadKept] reads them again.
func Keep(s *detect.Subject, write func(name string, data []byte) error) error {
	var events, list bytes.Buffer
	if err := telemetry.Write(&events, telemetry.EventLog, s.Events); err != nil {
		return err
	}
	numbers := make([]uint64, len(s.Events))
	for i := range s.Events {
		numbers[i] = s.Events[i].Seq
	}
	index, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	encode := json.NewEncoder(&list)
	encode.SetEscapeHTML(false)
	kept := map[string]bool{}
	for _, o := range s.Objects {
		sum := sha256.Sum256(o.Data)
		k := keptObject{o.Kind, o.Name, o.Path, o.Seq, len(o.Data), hex.EncodeToString(sum[:])}
		if err := encode.Encode(k); err != nil {
			return err
		}
		if !kept[k.SHA256] {
			kept[k.SHA256] = true
			if err := write(ObjectsDir+"/"+k.SHA256, o.Data); err != nil {
				return err
			}
		}
	}
	return errors.Join(write(EventsFile, events.Bytes()), write(NumbersFile, index), write(ObjectsFile, list.Bytes()))
}

// IsKept says whether a folder has a kept subject.
func IsKept(folder string) bool {
	info, err := os.Stat(filepath.Join(folder, ObjectsFile))
	return err == nil && info.Mode().IsRegular()
}

// ReadKept reads what [Keep] wrote to a folder.
func ReadKept(folder string) (*detect.Subject, error) {
	s := &detect.Subject{Name: filepath.ToSlash(folder)}
	data, err := readFile(filepath.Join(folder, EventsFile))
	if err != nil {
		return nil, err
	}
	if s.Events, err = telemetry.Parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(folder, EventsFile), err)
	}
	if err := readNumbers(folder, s.Events); err != nil {
		return nil, err
	}
	name := filepath.Join(folder, ObjectsFile)
	if data, err = readFile(name); err != nil {
		return nil, err
	}
	for line, text := range bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) {
		if len(text) == 0 {
			continue
		}
		var k keptObject
		if err := json.Unmarshal(text, &k); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, line+1, err)
		}
		data, err := readObject(folder, k)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", name, line+1, k.Name, err)
		}
		s.Objects = append(s.Objects, detect.Object{Kind: k.Kind, Name: k.Name, Path: k.Path, Data: data, Seq: k.Seq})
	}
	return s, nil
}

// readNumbers makes events what they were in the run, by the numbers that they had,
// and not lines of a log: several of one behaviour are one sighting.
func readNumbers(folder string, events []telemetry.Event) error {
	name := filepath.Join(folder, NumbersFile)
	data, err := readFile(name)
	if err != nil {
		return err
	}
	var numbers []uint64
	if err := json.Unmarshal(data, &numbers); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(numbers) != len(events) {
		return fmt.Errorf("%s: %d numbers for %d events", name, len(numbers), len(events))
	}
	for i, n := range numbers {
		events[i].Seq, events[i].Line = n, 0
	}
	return nil
}

// readObject reads an object's bytes, which must be those that were kept.
func readObject(folder string, k keptObject) ([]byte, error) {
	if _, err := hex.DecodeString(k.SHA256); err != nil || len(k.SHA256) != 2*sha256.Size {
		return nil, errors.New("sha256 is no digest")
	}
	data, err := readFile(filepath.Join(folder, ObjectsDir, k.SHA256))
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != k.SHA256 {
		return nil, errors.New("the bytes are not those that were kept")
	}
	return data, nil
}
