package guest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidetrace/emulator/trace"
)

// TestWritten records what the guest left of its files.
func TestWritten(t *testing.T) {
	clock := &Clock{}
	p := &Process{Files: &FileSystem{nodes: map[string]*Node{}, clock: clock}, Recorder: trace.NewRecorder(trace.Limits{})}
	for _, path := range []string{`C:\kept`, `C:\gone`, `C:\twice`, `C:\empty`, `C:\read`} {
		p.Files.nodes["c:\\"+path[3:]] = &Node{Path: path, data: []byte(path)}
	}
	p.Files.nodes[`c:\empty`].data = nil
	p.Files.remove(p.Files.Get(`C:\gone`))
	p.Files.remove(p.Files.Get(`C:\twice`))
	p.Files.nodes[`c:\twice`] = &Node{Path: `C:\twice`, data: []byte("new")}
	for _, b := range []trace.Payload{
		trace.FileWrite{Path: `C:\TWICE`}, trace.FileCreate{Path: `C:\gone`}, trace.FileRead{Path: `C:\read`}, trace.FileWrite{Path: `C:\gone`},
		trace.FileCreate{Path: `C:\empty`}, trace.FileCreate{Path: `C:\kept`}, trace.FileWrite{Path: `C:\never`},
	} {
		p.Recorder.Behaviour(0, 0, 0, 0, b)
	}
	want := []trace.File{
		{Path: `C:\TWICE`, Size: 8, Artifact: "01-written.bin", Deleted: true}, {Path: `C:\TWICE`, Size: 3, Artifact: "02-written.bin"},
		{Path: `C:\gone`, Size: 7, Artifact: "03-written.bin", Deleted: true}, {Path: `C:\empty`}, {Path: `C:\kept`, Size: 7, Artifact: "04-written.bin"},
	}
	if d := cmp.Diff(want, p.written()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
