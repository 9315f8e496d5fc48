package guest

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"

	"sidetrace/loaders"
)

// This file redirects DLLs as application manifests and .local files do.
//
// A manifest is the resource RT_MANIFEST of the program or, where it has none,
// the file "app.exe.manifest" beside it. Its <file> entries, and those of the
// private assemblies it depends on, are taken from the folder of the manifest
// that names them. Shared assemblies, which live in WinSxS, redirect nothing
// here: their DLLs are found by the ordinary search.
//
// https://learn.microsoft.com/windows/win32/sbscs/application-manifests
// https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-redirection

const (
	resourceManifest = "24" // RT_MANIFEST
	maxManifest      = 1 << 20
	maxAssemblies    = 64
)

// redirects are paths by lower-case file name.
type redirects map[string]string

// redirected is where a manifest says a file is: that of the module that asks
// for it, else that of the program. "" if none does.
func (p *Process) redirected(lower string, by *Module) string {
	if by != nil && by.redirects != nil {
		if path := by.redirects[lower]; path != "" {
			return path
		}
	}
	return p.redirects[lower]
}

// readManifest gives a module, or the program, the redirections of its
// manifest.
func (p *Process) readManifest(path string, img *loaders.Image) redirects {
	text := manifestResource(img)
	if text == nil {
		if node := p.Files.Get(path + ".manifest"); node != nil && !img.DLL {
			text = node.Data()
		}
	}
	if text == nil {
		return nil
	}
	r := redirects{}
	p.follow(r, text, Folder(path), map[string]bool{})
	return r
}

// manifestResource is the manifest in an image; a DLL's that is for the DLL's
// own imports.
func manifestResource(img *loaders.Image) []byte {
	want := "1" // CREATEPROCESS_MANIFEST_RESOURCE_ID
	if img.DLL {
		want = "2" // ISOLATIONAWARE_MANIFEST_RESOURCE_ID
	}
	for _, r := range img.Resources {
		if r.Type == resourceManifest && r.Name == want {
			return img.Raw[r.File.Offset:][:r.File.Size]
		}
	}
	return nil
}

// assembly is what of a manifest matters here.
type assembly struct {
	Files []struct {
		Name string `xml:"name,attr"`
	} `xml:"file"`
	Dependencies []struct {
		Identity struct {
			Name     string `xml:"name,attr"`
			Language string `xml:"language,attr"`
			Token    string `xml:"publicKeyToken,attr"`
		} `xml:"dependentAssembly>assemblyIdentity"`
	} `xml:"dependency"`
}

// follow adds what a manifest in a folder redirects, and the manifests of its
// private assemblies.
func (p *Process) follow(r redirects, text []byte, dir string, seen map[string]bool) {
	var a assembly
	if len(text) > maxManifest || decodeManifest(text, &a) != nil {
		return // Windows refuses such a program; what it would do is more to the point here
	}
	for _, f := range a.Files {
		name := f.Name
		if lower := strings.ToLower(name); name != "" && !hasFolder(name) && r[lower] == "" {
			r[lower] = Join(dir, name)
		}
	}
	for _, d := range a.Dependencies {
		name := d.Identity.Name
		if key := strings.ToLower(name); name == "" || hasFolder(name) || seen[key] || len(seen) == maxAssemblies {
			continue
		} else {
			seen[key] = true
		}
		p.followAssembly(r, name, d.Identity.Language, seen)
	}
}

func decodeManifest(text []byte, a *assembly) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	return d.Decode(a)
}

// followAssembly looks for a private assembly where Windows does: beside the
// program and in a folder of the assembly's name, as a DLL that holds its
// manifest or as a manifest.
//
// https://learn.microsoft.com/windows/win32/sbscs/assembly-searching-sequence
func (p *Process) followAssembly(r redirects, name, language string, seen map[string]bool) {
	app := p.ApplicationDirectory
	dirs := []string{app, Join(app, name)}
	if language != "" && language != "*" && !strings.EqualFold(language, "neutral") && !hasFolder(language) {
		dirs = append([]string{Join(app, language), Join(Join(app, language), name)}, dirs...)
	}
	for _, dir := range dirs {
		if node := p.Files.Get(Join(dir, name+".manifest")); node != nil && !node.Directory {
			p.follow(r, node.Data(), dir, seen)
			return
		}
		if node := p.Files.Get(Join(dir, name+".dll")); node != nil && !node.Directory {
			if text := p.assemblyResource(node); text != nil {
				p.follow(r, text, dir, seen)
				return
			}
		}
	}
}

func (p *Process) assemblyResource(node *Node) []byte {
	img, err := p.parse(node)
	if err != nil {
		return nil
	}
	for _, r := range img.Resources {
		if r.Type == resourceManifest && r.Name == "1" {
			return img.Raw[r.File.Offset:][:r.File.Size]
		}
	}
	return nil
}

// localFolder is the folder that a .local file or folder beside the program
// makes Windows take DLLs from; "" without one. A manifest turns it off unless
// the registry says otherwise.
func (p *Process) localFolder() string {
	program := p.Recorder.Run.Image
	if len(p.modules) == 0 {
		return ""
	}
	node := p.Files.Get(program + ".local")
	if node == nil {
		return ""
	}
	if p.redirects != nil && !p.developmentOverride() {
		return ""
	}
	if node.Directory {
		return node.Path
	}
	return p.ApplicationDirectory
}

func (p *Process) developmentOverride() bool {
	key := p.Registry.Root("HKLM").Open(`SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options`)
	if key == nil {
		return false
	}
	v := key.Get("DevOverrideEnable")
	return v != nil && len(v.Data) > 0 && v.Data[0] != 0
}
