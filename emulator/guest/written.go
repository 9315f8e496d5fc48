package guest

import (
	"strings"

	"sidetrace/emulator/trace"
)

// Of the files that the guest wrote, this much is recorded.
const (
	maxWritten      = 256
	maxWrittenBytes = 8 << 20
)

// keepRemoved remembers a file that the guest removed.
func (fs *FileSystem) keepRemoved(n *Node) {
	if fs.removed == nil {
		fs.removed = map[string]*Node{}
	}
	if len(fs.removed) < maxWritten {
		fs.removed[strings.ToLower(n.Path)] = n
	}
}

// written records the contents of the files that the guest made or wrote to,
// as they are at the end of the run, and as they were where it removed them.
func (p *Process) written() []trace.File {
	var files []trace.File
	seen := map[string]bool{}
	room := maxWrittenBytes
	add := func(n *Node, path string, deleted bool) {
		if n == nil || n.Directory {
			return
		}
		data := n.Data()
		f := trace.File{Path: path, Size: len(data), Deleted: deleted}
		if len(data) > 0 && len(data) <= room {
			room -= len(data)
			f.Artifact = p.Recorder.Artifact("file.write", "written.bin", data)
		}
		files = append(files, f)
	}
	for i := range p.Recorder.Run.Behaviours {
		path := ""
		switch f := p.Recorder.Run.Behaviours[i].Fields.(type) {
		case trace.FileCreate:
			path = f.Path
		case trace.FileWrite:
			path = f.Path
		}
		key := strings.ToLower(path)
		if path == "" || seen[key] || len(files) >= maxWritten {
			continue
		}
		seen[key] = true
		add(p.Files.removed[key], path, true)
		add(p.Files.Get(path), path, false)
	}
	return files
}
