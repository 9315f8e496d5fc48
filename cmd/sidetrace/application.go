package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// applicationFolder is where a traced program lies in the guest.
const applicationFolder = `C:\Application`

// Bounds on what is taken into the guest.
const (
	maxApplicationFiles = 4096
	maxApplicationBytes = 256 << 20
)

// errTooMuch says that a folder is not one program's.
var errTooMuch = fmt.Errorf("more than %d files or %d MiB", maxApplicationFiles, maxApplicationBytes>>20)

// applicationFiles reads the files that a program finds in its folder, by
// their slash-separated path from there: those beside the image, or all of
// folder app. Links are not followed, so that nothing outside is read.
func applicationFiles(image, app string) (map[string][]byte, error) {
	data, err := os.ReadFile(image)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", image, plain(err)), "")
	}
	root, below := app, true
	if app == "" {
		root, below = filepath.Dir(image), false
	}
	files := map[string][]byte{}
	total := 0
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
		if err != nil {
			return err
		}
		if total += int(min(info.Size(), maxApplicationBytes+1)); total > maxApplicationBytes || len(files) >= maxApplicationFiles {
			return errTooMuch
		}
		data, err := os.ReadFile(name)
		if err != nil {
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
		return nil, usage(fmt.Errorf("%s: %w", root, err), "--app names a folder that holds the application alone")
	case err != nil:
		return nil, usage(err, "")
	}
	files[filepath.ToSlash(imagePath(image, app))] = data
	return files, nil
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
