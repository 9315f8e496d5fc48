package worker

import (
	"bufio"
	"encoding/binary"
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
const maxMessage = 128 << 20

// task is one scenario to run.
type task struct{ File string }

// answer is what became of a setup.
type answer struct {
	Lacks []string // what the kernel lacks for the sandbox
	Error string   // why the worker cannot work; "" if it can
}

// outcome is a finished scenario.
type outcome struct {
	Scenario  *reports.Scenario
	Parts     [][]byte // of Job.Write
	Stack     string   // of a panic
	Error     string   // what could not be kept
	Artifacts [][]byte // their bytes, in their order
}

// header is the length of the payload and the kind.
const header = 4 + 1

// send writes a message in one piece. payload is encoded; nil is nothing.
func send(w io.Writer, k kind, payload any) error {
	m := make([]byte, header, 1<<10)
	if payload != nil {
		var err error
		if m, err = encode(m, payload); err != nil {
			return err
		}
	}
	return sendMessage(w, k, m)
}

// sendBytes writes a message whose payload is encoded already.
func sendBytes(w io.Writer, k kind, body []byte) error {
	return sendMessage(w, k, append(make([]byte, header, header+len(body)), body...))
}

// sendMessage writes a message with room for its header.
func sendMessage(w io.Writer, k kind, m []byte) error {
	size := len(m) - header
	if size > maxMessage {
		return fmt.Errorf("a message of %d bytes; at most %d", size, maxMessage)
	}
	binary.LittleEndian.PutUint32(m, uint32(size))
	m[4] = byte(k)
	_, err := w.Write(m)
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
