package guest

import (
	"errors"
	"slices"
	"sort"
	"strings"
	"time"
)

// Reasons a file operation fails.
var (
	ErrFileNotFound     = errors.New("file not found")
	ErrPathNotFound     = errors.New("path not found")
	ErrFileExists       = errors.New("file exists")
	ErrSharingViolation = errors.New("sharing violation")
	ErrIsDirectory      = errors.New("is a directory")
	ErrDiskFull         = errors.New("disk full")
)

// What the guest may add to the disk, in bytes and in files and directories.
const (
	maxFileBytes = 256 << 20
	maxNodes     = 64 << 10
)

// FileSystem is the machine's disk: a tree of files with case-insensitive,
// case-preserving names. Nothing of the host is behind it.
type FileSystem struct {
	nodes map[string]*Node // by lower-case full path, directories included
	clock *Clock
	grown int // bytes written by the guest

	removed map[string]*Node // files by path in lower case, as they were when they were removed; bounded
}

// Node is a file or a directory.
type Node struct {
	Path       string // as it was created
	Directory  bool
	Created    time.Time
	Modified   time.Time
	Attributes uint32        // FILE_ATTRIBUTE_*, without _DIRECTORY
	lazy       func() []byte // contents not yet made
	data       []byte
	borrowed   bool // data belongs to the configuration: copy before writing
	deleted    bool
	open       []*File
}

// File is an open file: what a handle stands for.
type File struct {
	Node          *Node
	Position      int64
	Read          bool // GENERIC_READ
	Write         bool // GENERIC_WRITE
	Append        bool // FILE_APPEND_DATA without FILE_WRITE_DATA
	Share         Share
	DeleteOnClose bool
}

// Share is what other openings of a file may do: FILE_SHARE_*.
type Share uint32

const (
	ShareRead   Share = 1
	ShareWrite  Share = 2
	ShareDelete Share = 4
)

func (*File) Type() string { return "File" }

func newFileSystem(clock *Clock) *FileSystem {
	fs := &FileSystem{nodes: make(map[string]*Node, 256), clock: clock}
	for _, dir := range []string{`C:\`, SystemDirectory, `C:\Users\Public`, `C:\ProgramData`, `C:\Program Files`, `C:\Windows\Temp`} {
		fs.MakeDirectory(dir)
	}
	return fs
}

// Put adds a file with contents that are not copied until the guest writes.
func (fs *FileSystem) Put(path string, data []byte) *Node {
	return fs.put(&Node{Path: path, data: data, borrowed: true})
}

func (fs *FileSystem) put(n *Node) *Node {
	fs.MakeDirectory(Folder(n.Path))
	n.Created, n.Modified, n.Attributes = fs.clock.start, fs.clock.start, AttributeArchive
	fs.nodes[strings.ToLower(n.Path)] = n
	return n
}

// MakeDirectory adds a directory and those above it.
func (fs *FileSystem) MakeDirectory(path string) {
	for path != "" {
		key := strings.ToLower(path)
		if fs.nodes[key] != nil {
			return
		}
		fs.nodes[key] = &Node{Path: path, Directory: true, Created: fs.clock.start, Modified: fs.clock.start}
		up := Folder(path)
		if up == path {
			return
		}
		path = up
	}
}

// Get returns the file or directory at a full path, or nil.
func (fs *FileSystem) Get(path string) *Node { return fs.nodes[strings.ToLower(path)] }

// List returns what lies directly in a directory, by name.
func (fs *FileSystem) List(dir string) []*Node {
	prefix := strings.ToLower(dir)
	if !strings.HasSuffix(prefix, `\`) {
		prefix += `\`
	}
	var keys []string
	for key := range fs.nodes {
		if rest, ok := strings.CutPrefix(key, prefix); ok && rest != "" && !strings.ContainsAny(rest, `\:`) {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	nodes := make([]*Node, len(keys))
	for i, key := range keys {
		nodes[i] = fs.nodes[key]
	}
	return nodes
}

// Create makes an empty file. The folder must exist.
func (fs *FileSystem) Create(path string) (*Node, error) {
	if dir := fs.Get(Folder(path)); dir == nil || !dir.Directory {
		return nil, ErrPathNotFound
	}
	if n := fs.Get(path); n != nil {
		return nil, ErrFileExists
	}
	if len(fs.nodes) >= maxNodes {
		return nil, ErrDiskFull
	}
	now := fs.clock.Now()
	n := &Node{Path: path, Created: now, Modified: now, Attributes: AttributeArchive}
	fs.nodes[strings.ToLower(path)] = n
	return n, nil
}

// Missing says why there is nothing at a path: the file or its folder.
func (fs *FileSystem) Missing(path string) error {
	if dir := fs.Get(Folder(path)); dir == nil || !dir.Directory {
		return ErrPathNotFound
	}
	return ErrFileNotFound
}

// Open opens a file that exists.
func (fs *FileSystem) Open(n *Node, read, write bool, share Share) (*File, error) {
	if n.Directory {
		return nil, ErrIsDirectory
	}
	for _, o := range n.open {
		if read && o.Share&ShareRead == 0 || write && o.Share&ShareWrite == 0 ||
			o.Read && share&ShareRead == 0 || o.Write && share&ShareWrite == 0 {
			return nil, ErrSharingViolation
		}
	}
	f := &File{Node: n, Read: read, Write: write, Share: share}
	n.open = append(n.open, f)
	return f, nil
}

// Close ends an opening. A file to be deleted goes with its last one.
func (fs *FileSystem) Close(f *File) (deleted bool) {
	n := f.Node
	if i := slices.Index(n.open, f); i >= 0 {
		n.open = slices.Delete(n.open, i, i+1)
	}
	n.deleted = n.deleted || f.DeleteOnClose
	if n.deleted && len(n.open) == 0 && fs.Get(n.Path) == n {
		fs.remove(n)
		return true
	}
	return false
}

// Delete removes a file, at once or with its last handle.
func (fs *FileSystem) Delete(n *Node) error {
	if n.Directory {
		return ErrIsDirectory
	}
	for _, o := range n.open {
		if o.Share&ShareDelete == 0 {
			return ErrSharingViolation
		}
	}
	n.deleted = true
	if len(n.open) == 0 {
		fs.remove(n)
	}
	return nil
}

// Size is the length in bytes.
func (n *Node) Size() int64 { return int64(len(n.Data())) }

// Data is the contents, not to be modified.
func (n *Node) Data() []byte {
	if n.lazy != nil {
		n.data, n.lazy, n.borrowed = n.lazy(), nil, true
	}
	return n.data
}

// own makes the contents the node's own, so that they may be changed without
// touching what others hold: configuration, or an earlier read's record.
func (n *Node) own() {
	n.Data()
	if n.borrowed {
		n.data, n.borrowed = slices.Clone(n.data), false
	}
}

// lend marks the contents as held elsewhere; the next write copies them.
func (n *Node) lend() []byte {
	n.borrowed = true
	return n.Data()
}

// WriteAt stores bytes, growing the file as needed.
func (fs *FileSystem) WriteAt(n *Node, data []byte, at int64) error {
	end := at + int64(len(data))
	if grow := end - n.Size(); grow > 0 {
		if err := fs.Resize(n, end); err != nil {
			return err
		}
	}
	n.own()
	copy(n.data[at:], data)
	n.Modified = fs.clock.Now()
	return nil
}

// Resize cuts a file or extends it with zeros.
func (fs *FileSystem) Resize(n *Node, size int64) error {
	grow := size - n.Size()
	if size < 0 || grow > int64(maxFileBytes-fs.grown) {
		return ErrDiskFull
	}
	n.own()
	if grow > 0 {
		fs.grown += int(grow)
		n.data = append(n.data, make([]byte, grow)...)
	} else {
		n.data = n.data[:size]
	}
	n.Modified = fs.clock.Now()
	return nil
}
