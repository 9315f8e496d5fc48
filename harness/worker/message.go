package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"sidetrace/reports"
)

// kind says what a message is.
type kind byte

// A worker is sent one setup, and then jobs. It answers the setup with ready,
// and each job with accepted, running and judging for each run it comes to, calls (if they are wanted) and result.
const (
	setup    kind = iota + 1 // Setup
	job                      // task
	ready                    // answer
	accepted                 // nothing
	running                  // nothing: the machine is about to start
	judging                  // nothing: the machine has ended
	calls                    // trace.CallLog, in its binary form
	result                   // outcome
)

// maxMessage bounds a message. Both ends are the same program, but what a
// broken worker sends is not to be believed.
const maxMessage = 512 << 20

// task is one scenario to run.
type task struct{ File string }

// answer is what became of a setup.
type answer struct {
	Lacks []string // what the kernel lacks for the sandbox
	Error string   // why the worker cannot work; "" if it can
}

// outcome is a finished scenario.
type outcome struct {
	Scenario  *reports.Scenario `json:",omitempty"`
	Parts     [][]byte          `json:",omitempty"` // of Job.Write
	Stack     string            `json:",omitempty"` // of a panic
	Error     string            `json:",omitempty"` // what could not be kept
	Artifacts [][]byte          `json:",omitempty"` // their bytes, in their order
}

// header is the length of the payload and the kind.
const header = 4 + 1

// send writes a message in one piece. payload is marshalled; nil is nothing.
func send(w io.Writer, k kind, payload any) error {
	var body []byte
	if payload != nil {
		var err error
		if body, err = json.Marshal(payload); err != nil {
			return err
		}
	}
	return sendBytes(w, k, body)
}

func sendBytes(w io.Writer, k kind, body []byte) error {
	if len(body) > maxMessage {
		return fmt.Errorf("a message of %d bytes; at most %d", len(body), maxMessage)
	}
	m := make([]byte, header, header+len(body))
	binary.LittleEndian.PutUint32(m, uint32(len(body)))
	m[4] = byte(k)
	_, err := w.Write(append(m, body...))
	return err
}

// receive reads the next message.
func receive(r *bufio.Reader) (kind, []byte, error) {
	var h [header]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, nil, err
	}
	size := binary.LittleEndian.Uint32(h[:])
	if size > maxMessage {
		return 0, nil, fmt.Errorf("a message of %d bytes; at most %d", size, maxMessage)
	}
	body := make([]byte, size)
	_, err := io.ReadFull(r, body)
	return kind(h[4]), body, err
}
