package scenarios

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// NetAnswer is what a server does that is no web server: a conversation.
type NetAnswer struct {
	Protocol string // "tcp" or "udp"
	Host     string // name or address
	Port     int
	Steps    []NetStep
}

// NetStep is one turn of a conversation: the server waits for what it expects,
// if anything, and sends.
type NetStep struct {
	Expect *Source // nil for nothing
	Send   *Source
}

func netSchema(s *Scenario) schema {
	return listOf(objectOf((&reader{}).netKeys(&NetStep{}, s)))
}

// net reads the conversations, "tcp://host:port" each.
func (r *reader) net(n ast.Node, s *Scenario) []NetAnswer {
	var out []NetAnswer
	for _, e := range r.foldedEntries(n, "machine.net") {
		u, err := url.Parse(strings.ToLower(e.key))
		port := 0
		if err == nil {
			port, err = strconv.Atoi(u.Port())
		}
		if err != nil || u.Scheme != "tcp" && u.Scheme != "udp" || u.Hostname() == "" || port < 1 || port > 65535 || u.Path != "" {
			r.problem(e.at, "such as tcp://192.0.2.1:4444", "machine.net: %q is not tcp or udp with a host and a port", e.key)
			continue
		}
		a := NetAnswer{Protocol: u.Scheme, Host: u.Hostname(), Port: port}
		list, ok := e.value.(*ast.SequenceNode)
		if !ok {
			r.problem(place(e.value), "such as [{expect: text:hello, send: text:world}]", "machine.net: the conversation of %s is not a list", e.key)
			continue
		}
		for _, node := range list.Values {
			var step NetStep
			r.object(node, "a step of "+e.key, r.netKeys(&step, s))
			a.Steps = append(a.Steps, step)
		}
		out = append(out, a)
	}
	return out
}

func (r *reader) netKeys(step *NetStep, s *Scenario) []key {
	bytes := func(to **Source, what string) func(ast.Node) {
		return func(n ast.Node) {
			if source, ok := r.source(n, what, s); ok {
				*to = &source
			}
		}
	}
	return []key{
		{name: "expect", doc: "source of the bytes the server waits for; default none", schema: stringSchema(), read: bytes(&step.Expect, "expect")},
		{name: "send", doc: "source of the bytes the server sends; default none", schema: stringSchema(), read: bytes(&step.Send, "send")},
	}
}
