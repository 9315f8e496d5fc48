package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// applicationFolder is where a traced program lies in the guest.
const applicationFolder = `C:\Application`

// bounds on what is taken into the guest.
type bounds struct {
	files int
	bytes int64 // of all files together
}

// applicationBounds are those of sidetrace trace.
func applicationBounds() bounds { return bounds{files: 4096, bytes: 256 << 20} }

// errTooMuch says that a folder is not one program's.
var errTooMuch = errors.New("too many files, or too large ones, for one application")

// applicationFiles reads the files that a program finds in its folder, by
// their slash-separated path from there: those beside the image, or all of
// folder app. Links in it are not followed, so that nothing outside is read. A
// file that goes away meanwhile was not there.
func applicationFiles(image, app string, most bounds) (map[string][]byte, error) {
	data, err := readImage(image, most.bytes)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", image, plain(err)), "")
	}
	root, below := app, true
	if app == "" {
		root, below = filepath.Dir(image), false
	}
	if root, err = filepath.EvalSymlinks(root); err == nil { // the folder itself may be a link
		err = isFolder(root)
	}
	if err != nil {
		return nil, usage(fmt.Errorf("--app %s: %w", app, plain(err)), "")
	}
	files := map[string][]byte{}
	total := int64(0)
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && !below:
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		if total += info.Size(); total > most.bytes || len(files) >= most.files {
			return errTooMuch
		}
		data, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(relative)] = data
		return nil
	})
	switch {
	case errors.Is(err, errTooMuch):
		return nil, usage(fmt.Errorf("%s: %w (more than %d files or %d MiB)", root, err, most.files, most.bytes>>20), "copy IMAGE and its DLLs to a folder of their own, or name one with --app")
	case err != nil:
		return nil, usage(err, "")
	}
	// Windows would not have two files whose names differ by case alone.
	own := filepath.ToSlash(imagePath(image, app))
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.EqualFold(name, own) })
	files[own] = data
	return files, nil
}

func isFolder(name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		err = errors.New("not a folder")
	}
	return err
}

// imagePath is the image's place in the application's folder: as it lies below
// app, else directly in it.
func imagePath(image, app string) string {
	if app != "" {
		if relative, err := filepath.Rel(app, image); err == nil && filepath.IsLocal(relative) {
			return relative
		}
	}
	return filepath.Base(image)
}

// imageName is imagePath as the guest writes it.
func imageName(image, app string) string {
	return strings.ReplaceAll(filepath.ToSlash(imagePath(image, app)), "/", `\`)
}

// readImage reads the program. Devices and pipes, which have no end, are no
// programs.
func readImage(name string, most int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > most:
		return nil, fmt.Errorf("larger than %d MiB", most>>20)
	}
	return os.ReadFile(name)
}
