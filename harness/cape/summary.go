package cape

import (
	"cmp"
	"slices"
	"strings"

	"sidetrace/emulator/trace"
)

// Summary lists what was touched, each once, in the order of the first time.
type Summary struct {
	Files            []string `json:"files"`
	ReadFiles        []string `json:"read_files"`
	WriteFiles       []string `json:"write_files"`
	DeleteFiles      []string `json:"delete_files"`
	Keys             []string `json:"keys"`
	ReadKeys         []string `json:"read_keys"`
	WriteKeys        []string `json:"write_keys"`
	DeleteKeys       []string `json:"delete_keys"`
	ExecutedCommands []string `json:"executed_commands"`
	ResolvedAPIs     []string `json:"resolved_apis"`
	Mutexes          []string `json:"mutexes"`
	CreatedServices  []string `json:"created_services"`
	StartedServices  []string `json:"started_services"` // no service is started
}

// list keeps strings apart from those it has.
type list struct {
	items []string
	seen  map[string]bool
}

func newList() *list { return &list{[]string{}, map[string]bool{}} }

func (l *list) add(item string) {
	if item != "" && !l.seen[item] {
		l.seen[item] = true
		l.items = append(l.items, item)
	}
}

func newSummary(run *trace.Run) Summary {
	files, read, write, deleted := newList(), newList(), newList(), newList()
	keys, readKeys, writeKeys, deletedKeys := newList(), newList(), newList(), newList()
	commands, apis, mutexes, services := newList(), newList(), newList(), newList()
	both := func(all, one *list, item string) {
		all.add(item)
		one.add(item)
	}
	for i := range run.Behaviours {
		switch f := run.Behaviours[i].Fields.(type) {
		case trace.FileRead:
			both(files, read, f.Path)
		case trace.FileCreate:
			both(files, write, f.Path)
		case trace.FileWrite:
			both(files, write, f.Path)
		case trace.FileDelete:
			both(files, deleted, f.Path)
		case trace.RegistryRead:
			both(keys, readKeys, f.Path)
		case trace.RegistryCreate:
			both(keys, writeKeys, f.Path)
		case trace.RegistryWrite:
			both(keys, writeKeys, f.Path)
		case trace.RegistryDelete:
			both(keys, deletedKeys, f.Path)
		case trace.ProcessCreate:
			commands.add(cmp.Or(f.CommandLine, f.Image))
		case trace.MutexCreate:
			mutexes.add(f.Name)
		case trace.ServiceCreate:
			services.add(f.Name)
		}
	}
	if run.Calls != nil {
		for c := range run.Calls.All() {
			apis.add(resolved(run, &c))
		}
	}
	return Summary{
		files.items, read.items, write.items, deleted.items, keys.items, readKeys.items, writeKeys.items, deletedKeys.items,
		commands.items, apis.items, mutexes.items, services.items, []string{},
	}
}

// resolved is the export that a call looked up: "kernel32.dll.CreateFileW".
func resolved(run *trace.Run, c *trace.Call) string {
	if c.API.Name != "GetProcAddress" || len(c.Args) < 2 || !c.Args[1].HasText || c.Result == 0 {
		return ""
	}
	i := slices.IndexFunc(run.Modules, func(m trace.Module) bool { return m.Base == c.Args[0].Value })
	if i < 0 {
		return ""
	}
	return strings.ToLower(run.Modules[i].Name()) + "." + c.Args[1].Text
}

// Network is what went over the network.
type Network struct {
	Hosts   []struct{} `json:"hosts"`
	Domains []Domain   `json:"domains"`
	DNS     []DNS      `json:"dns"`
}

// Domain is a name with its first address.
type Domain struct {
	Domain string `json:"domain"`
	IP     string `json:"ip"`
}

// DNS is a query.
type DNS struct {
	Request string     `json:"request"`
	Type    string     `json:"type"`
	Answers []struct{} `json:"answers"`
}

func newNetwork(run *trace.Run) Network {
	n := Network{[]struct{}{}, []Domain{}, []DNS{}}
	seen := map[string]bool{}
	for i := range run.Behaviours {
		f, ok := run.Behaviours[i].Fields.(trace.DNSQuery)
		if !ok || seen[f.Name] {
			continue
		}
		seen[f.Name] = true
		ip := ""
		if len(f.Results) > 0 {
			ip = f.Results[0]
		}
		n.Domains = append(n.Domains, Domain{f.Name, ip})
		n.DNS = append(n.DNS, DNS{f.Name, "A", []struct{}{}})
	}
	return n
}

// Suricata is empty: no sensor of networks has listened.
type Suricata struct {
	Alerts   []struct{} `json:"alerts"`
	DNS      []struct{} `json:"dns"`
	FileInfo []struct{} `json:"fileinfo"`
	Files    []struct{} `json:"files"`
	HTTP     []struct{} `json:"http"`
	Perf     []struct{} `json:"perf"`
	SSH      []struct{} `json:"ssh"`
	TLS      []struct{} `json:"tls"`
}

func newSuricata() Suricata {
	none := []struct{}{}
	return Suricata{none, none, none, none, none, none, none, none}
}
