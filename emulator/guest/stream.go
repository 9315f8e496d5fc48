package guest

import (
	"slices"
	"strings"
)

// Alternate data streams are nodes of their own, named "file:stream". They do
// not show in directories, and go and move with their file.

// DefaultStream is the type behind a stream's name that may be left out.
const DefaultStream = ":$DATA"

// SplitStream cuts a full path into the file's and the name of the stream, ""
// for the file's own contents; false for a name no stream can have.
func SplitStream(path string) (file, stream string, ok bool) {
	start := strings.LastIndexByte(path, '\\') + 1
	if start == 0 {
		return path, "", true
	}
	i := strings.IndexByte(path[start:], ':')
	if i < 0 {
		return path, "", true
	}
	file, stream = path[:start+i], path[start+i+1:]
	if len(stream) >= len(DefaultStream) && strings.EqualFold(stream[len(stream)-len(DefaultStream):], DefaultStream) {
		stream = stream[:len(stream)-len(DefaultStream)]
	} else if stream == "" {
		return "", "", false
	}
	if i == 0 || strings.ContainsRune(stream, ':') {
		return "", "", false
	}
	return file, stream, true
}

// Streams lists the alternate streams of a file, by name.
func (fs *FileSystem) Streams(n *Node) []*Node { return fs.below(n.Path + ":") }

// below lists the nodes whose paths begin with a prefix, by path.
func (fs *FileSystem) below(prefix string) []*Node {
	prefix = strings.ToLower(prefix)
	var keys []string
	for key := range fs.nodes {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	nodes := make([]*Node, len(keys))
	for i, key := range keys {
		nodes[i] = fs.nodes[key]
	}
	return nodes
}

// remove takes a node away, with its streams.
func (fs *FileSystem) remove(n *Node) {
	delete(fs.nodes, strings.ToLower(n.Path))
	if !n.Directory {
		fs.keepRemoved(n)
		for _, s := range fs.Streams(n) {
			delete(fs.nodes, strings.ToLower(s.Path))
		}
	}
}

// move gives a node another path, and what lies below it or belongs to it.
func (fs *FileSystem) move(n *Node, path string) {
	separator := ":"
	if n.Directory {
		separator = `\`
	}
	inner := fs.below(n.Path + separator)
	for _, x := range append(inner, n) {
		delete(fs.nodes, strings.ToLower(x.Path))
	}
	for _, x := range append(inner, n) {
		x.Path = path + x.Path[len(n.Path):]
		if x == n {
			x.Path = path
		}
		fs.nodes[strings.ToLower(x.Path)] = x
	}
}

// Deleting reports whether the node goes with its last handle.
func (n *Node) Deleting() bool { return n.deleted }

// SetDeleting marks an open node to go with its last handle, or to stay.
func (n *Node) SetDeleting(on bool) { n.deleted = on }

// Vanish takes an open file's name away at once; its handles stay usable.
func (fs *FileSystem) Vanish(n *Node) { fs.remove(n) }
