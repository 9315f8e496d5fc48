package guest

import "strings"

// AttributeArchive is FILE_ATTRIBUTE_ARCHIVE, which every new file has.
const AttributeArchive = 0x20

// CreateDirectory makes one directory. The one above must exist.
func (fs *FileSystem) CreateDirectory(path string) error {
	switch up := fs.Get(Folder(path)); {
	case fs.Get(path) != nil:
		return ErrFileExists
	case up == nil || !up.Directory:
		return ErrPathNotFound
	case len(fs.nodes) >= maxNodes:
		return ErrDiskFull
	}
	now := fs.clock.Now()
	fs.nodes[strings.ToLower(path)] = &Node{Path: path, Directory: true, Created: now, Modified: now}
	return nil
}

// RemoveDirectory removes an empty directory; false means that it is not
// empty.
func (fs *FileSystem) RemoveDirectory(n *Node) bool {
	if len(fs.List(n.Path)) > 0 {
		return false
	}
	delete(fs.nodes, strings.ToLower(n.Path))
	return true
}

// Rename moves a file, or a directory with what is in it, to a path where
// nothing is. The new folder must exist. Openings stay open.
func (fs *FileSystem) Rename(n *Node, path string) error {
	up := fs.Get(Folder(path))
	taken := fs.Get(path)
	switch {
	case up == nil || !up.Directory:
		return ErrPathNotFound
	case taken != nil && taken != n:
		return ErrFileExists
	}
	for _, o := range n.open {
		if o.Share&ShareDelete == 0 {
			return ErrSharingViolation
		}
	}
	fs.move(n, path)
	return nil
}
