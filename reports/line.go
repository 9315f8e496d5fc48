package reports

import (
	"fmt"
	"strings"

	"sidetrace/emulator/trace"
)

// Line is what a behaviour did, on one line and without its kind: the fields a
// reader looks for first. Everything the guest chose is quoted, so that the
// line is safe to print. [trace.Summary] has every field.
func Line(p trace.Payload) string {
	q := trace.Quote
	switch p := p.(type) {
	case trace.ModuleLoad:
		return q(p.Path) + notes(p.Reason, by(p.LoadedBy), p.Found, when(p.SideLoaded, "side-loaded"), signed(p))
	case trace.ModuleMissing:
		return q(p.Name) + notes(p.Reason, by(p.LoadedBy), places(len(p.Searched)))
	case trace.DllMainEnter:
		return q(trace.BaseName(p.Path)) + " " + p.Reason
	case trace.DllMainReturn:
		return fmt.Sprintf("%s %s = %t", q(trace.BaseName(p.Path)), p.Reason, p.Result)
	case trace.ExportCall:
		return q(trace.BaseName(p.Path)+"!"+p.Export) + " from " + q(p.Caller)
	case trace.FileCreate:
		return q(p.Path) + notes(when(p.Existed, "emptied"))
	case trace.FileRead:
		return fmt.Sprintf("%s, %s at %d", q(p.Path), byteCount(p.Size), p.Offset)
	case trace.FileWrite:
		return fmt.Sprintf("%s, %s at %d", q(p.Path), byteCount(p.Size), p.Offset)
	case trace.FileDelete:
		return q(p.Path)
	case trace.ConsoleWrite:
		return p.Stream + " " + q(p.Text)
	case trace.PipeCreate:
		return named(p.Name)
	case trace.PipeConnect:
		return named(p.Name)
	case trace.MemoryAlloc:
		return fmt.Sprintf("%#x, %s, %s %s", p.Address, byteCount(int64(p.Size)), p.Type, p.Protection)
	case trace.MemoryProtect:
		return fmt.Sprintf("%#x, %s, %s -> %s", p.Address, byteCount(int64(p.Size)), p.OldProtection, p.Protection) + notes(p.Region, of(p.Module))
	case trace.CodeUnpacked:
		return fmt.Sprintf("%#x, %s of %s, layer %d", p.Address, byteCount(int64(p.Size)), p.Content, p.Layer) +
			notes(p.Region, of(p.Module), strings.Join(p.History, " -> "), fmt.Sprintf("%.2f bits/byte", p.Entropy), from(p.SourceFile, p.SourceOffset), short(p.SHA256))
	case trace.CodePatched:
		return fmt.Sprintf("%s+%#x, %s", p.Module, p.RVA, byteCount(int64(p.Size))) +
			notes(strings.Join(p.Exports, ", "), p.Before+" -> "+p.After, quoted(p.Target), when(p.Restored, "restored"))
	case trace.ModuleManualMap:
		return fmt.Sprintf("%#x, %s", p.Address, byteCount(int64(p.Size))) + notes(quoted(p.Name), p.Region, p.Layout+" layout", when(p.HeadersWiped, "headers wiped"), short(p.SHA256))
	case trace.ProcessImage:
		what := fmt.Sprintf("%#x", p.Address)
		if p.Path != "" {
			what = q(p.Path) + " at " + what
		}
		return fmt.Sprintf("%s, %s", what, byteCount(int64(p.Size))) + notes(p.Moment, when(p.Path == "", p.Region), short(p.SHA256))
	case trace.PayloadDecrypted:
		return fmt.Sprintf("%s of %s with %s, key %s", byteCount(int64(p.Size)), place(p.SourceFile, p.SourceOffset), p.Cipher, q(p.Key)) + notes(p.KeySource, short(p.SHA256))
	case trace.CryptoDecrypt:
		return fmt.Sprintf("%s %s, %s", p.API, join("-", p.Algorithm, p.Mode), byteCount(int64(p.Size))) + notes(when(p.Verified, "tag verified"), quoted(p.Text))
	case trace.RegistryRead:
		if !p.Found {
			return q(p.Path) + notes("not found")
		}
		return q(p.Path) + " = " + q(p.Data)
	case trace.RegistryWrite:
		return q(p.Path) + " = " + q(p.Data)
	case trace.EventCreate:
		return named(p.Name) + notes(when(p.Existed, "existed"))
	case trace.MutexCreate:
		return named(p.Name) + notes(when(p.Existed, "existed"))
	case trace.ThreadCreate:
		return fmt.Sprintf("%d at %#x", p.ID, p.Start) + notes(in(p.Module), when(p.Suspended, "suspended"))
	case trace.ProcessCreate:
		command := p.CommandLine
		if command == "" {
			command = p.Image
		}
		return q(command) + notes(fmt.Sprintf("id %d", p.ID), when(p.Hidden, "hidden"), when(p.Redirected, "standard handles redirected"))
	case trace.ProcessAccess:
		return q(p.Image) + notes(fmt.Sprintf("id %d", p.ID), fmt.Sprintf("rights %#x", p.Access), when(!p.Granted, "refused"))
	case trace.ProcessTerminate:
		return q(p.Image) + notes(fmt.Sprintf("id %d", p.ID), fmt.Sprintf("exit code %#x", p.ExitCode))
	case trace.ProcessMemory:
		return fmt.Sprintf("%s %s at %#x in ", p.Operation, byteCount(int64(p.Size)), p.Address) + q(p.Image) + notes(fmt.Sprintf("id %d", p.ID), p.Protection)
	case trace.ProcessWriteMemory:
		return fmt.Sprintf("%s of %s to %#x in ", byteCount(int64(p.Size)), p.Content, p.Address) + q(p.Image) + notes(fmt.Sprintf("id %d", p.ID), p.Protection, short(p.SHA256))
	case trace.ThreadCallback:
		return fmt.Sprintf("%#x by %s", p.Address, p.Method) + notes(in(p.Module), p.API)
	case trace.ThreadCreateRemote:
		return fmt.Sprintf("%d at %#x in ", p.ID, p.Start) + q(p.Image) + notes(fmt.Sprintf("id %d", p.ProcessID), in(p.Module), when(p.Suspended, "suspended"), p.API)
	case trace.ThreadHijack:
		return fmt.Sprintf("%d to %#x in ", p.ID, p.Address) + q(p.Image) + notes(fmt.Sprintf("id %d", p.ProcessID), p.Method)
	case trace.RegistryCreate:
		return q(p.Path)
	case trace.RegistryDelete:
		return q(p.Path) + notes(p.Item)
	case trace.ServiceCreate:
		return q(p.Name) + " = " + q(p.Path) + notes(p.Type, p.StartType, when(!p.Created, "refused"))
	case trace.Sleep:
		if p.Milliseconds < 0 {
			return "for ever" + notes(p.API)
		}
		return milliseconds(p.Milliseconds) + notes(p.API)
	case trace.DNSQuery:
		if !p.Answered {
			return q(p.Name) + notes("no answer")
		}
		return q(p.Name) + " = " + q(strings.Join(p.Results, ","))
	case trace.NetConnect:
		return fmt.Sprintf("%s %s:%d", p.Protocol, q(p.Host), p.Port) + notes(p.Address, when(!p.Answered, "refused"))
	case trace.NetListen:
		return fmt.Sprintf("%s %s:%d", p.Protocol, p.Address, p.Port)
	case trace.NetSend:
		return fmt.Sprintf("%s %s:%d, %s", p.Protocol, q(p.Host), p.Port, byteCount(int64(p.Size))) + notes(quoted(p.Text))
	case trace.HTTPRequest:
		answer := "no answer"
		if p.Answered {
			answer = fmt.Sprint(p.Status)
		}
		return q(p.Method) + " " + q(p.URL) + " -> " + answer + notes(labelled("cookie", p.Cookie), when(p.BodySize > 0, "body "+byteCount(int64(p.BodySize))))
	case trace.HTTPResponse:
		return fmt.Sprintf("%s -> %d, %s", q(p.URL), p.Status, byteCount(int64(p.Size))) + notes(quoted(p.ContentType), short(p.SHA256))
	case trace.Exception:
		what := p.Name
		if what == "" {
			what = fmt.Sprintf("%#x", p.Code)
		}
		if p.Access != "" {
			what += fmt.Sprintf(" on %s of %#x", p.Access, p.Target)
		}
		return fmt.Sprintf("%s at %#x", what, p.Address) + notes(quoted(p.Module), when(p.Handled, handledBy(p)), when(p.Count > 1, fmt.Sprintf("%d times", p.Count)))
	case trace.Exit:
		return exitCode(p.Code) + notes(p.Reason)
	default:
		return strings.TrimPrefix(strings.TrimPrefix(trace.Summary(p), p.Kind()), " ")
	}
}

// notes puts what is not empty behind a line, in parentheses.
func notes(list ...string) string {
	if text := join("; ", list...); text != "" {
		return " (" + text + ")"
	}
	return ""
}

func join(sep string, list ...string) string {
	var kept []string
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, sep)
}

func when(ok bool, text string) string {
	if ok {
		return text
	}
	return ""
}

func labelled(label, guest string) string {
	if guest == "" {
		return ""
	}
	return label + " " + trace.Quote(guest)
}

func by(module string) string { return labelled("by", module) }
func of(module string) string { return labelled("of", module) }
func places(n int) string {
	if n == 1 {
		return "looked for in 1 place"
	}
	return fmt.Sprintf("looked for in %d places", n)
}
func in(module string) string { return labelled("in", module) }

func quoted(guest string) string { return when(guest != "", trace.Quote(guest)) }

func named(name string) string {
	if name == "" {
		return "unnamed"
	}
	return trace.Quote(name)
}

func signed(p trace.ModuleLoad) string {
	switch {
	case p.System:
		return "synthetic"
	case !p.Signed:
		return "unsigned"
	case p.Signer == "":
		return "signed"
	default:
		return labelled("signed by", p.Signer)
	}
}

// place is a position in a file; a negative offset is not known.
func place(file string, offset int64) string {
	text := trace.Quote(trace.BaseName(file))
	if offset >= 0 {
		text += fmt.Sprintf(" at %d", offset)
	}
	return text
}

func from(file string, offset int64) string { return when(file != "", "from "+place(file, offset)) }

func short(sha256 string) string {
	if len(sha256) > 12 {
		sha256 = sha256[:12]
	}
	return labelled("sha256", sha256)
}

// handledBy says who handled an exception.
func handledBy(p trace.Exception) string {
	s := "handled"
	if p.HandledBy != "" {
		s += ": " + p.HandledBy
	}
	if p.Handler != "" {
		s += " at " + p.Handler
	}
	return s
}

// exitCode is decimal as programs choose them, and hexadecimal as exceptions do.
func exitCode(code uint32) string {
	if code >= 0x80000000 {
		return fmt.Sprintf("%#x", code)
	}
	return fmt.Sprint(code)
}

func byteCount(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}
