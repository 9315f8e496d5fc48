package scenarios

import (
	"fmt"
	"strings"
)

// Reference is the table of all keys of a scenario's file in Markdown, made
// from the tables the parser works with.
func Reference() string {
	r := &reader{}
	s := &Scenario{}
	var b strings.Builder
	b.WriteString("| key | | meaning |\n|---|---|---|\n")
	for _, k := range r.scenarioKeys(s) {
		writeKey(&b, "", k)
		switch k.name {
		case "replicas":
			writeKeys(&b, "replicas.", r.replicaKeys(&Replicas{}))
		case "machine":
			writeKeys(&b, "machine.", r.machineKeys(s))
			writeKeys(&b, "machine.web.URL.", r.webKeys(&WebAnswer{}, s))
			writeKeys(&b, "machine.registry.PATH.", registryKeys(nil, nil))
		case "run":
			writeKeys(&b, "run.", r.runKeys(s))
			writeKeys(&b, "run.limits.", r.limitKeys(&s.Run))
			writeKeys(&b, "run.calls.", r.callKeys(&Call{}))
		case "expect":
			writeKeys(&b, "expect.", r.expectKeys(s))
			writeKey(&b, "expect.", key{name: "console", doc: "what the program printed, with modifiers: console|contains and so on"})
		}
	}
	return b.String()
}

func writeKeys(b *strings.Builder, prefix string, keys []key) {
	for _, k := range keys {
		writeKey(b, prefix, k)
	}
}

func writeKey(b *strings.Builder, prefix string, k key) {
	required := ""
	if k.required {
		required = "required"
	}
	fmt.Fprintf(b, "| `%s%s` | %s | %s |\n", prefix, k.name, required, strings.ReplaceAll(k.doc, "|", `\|`))
}
