package harness

import (
	"context"
	"encoding/json"
	"path/filepath"
	"sync"

	"sidetrace/emulator/guest"
	"sidetrace/emulator/trace"
	"sidetrace/harness/detect"
	"sidetrace/harness/expect"
	"sidetrace/harness/rules"
	"sidetrace/harness/telemetry"
	"sidetrace/reports"
	"sidetrace/scenarios"
)

// ruleSets are the rules that scenarios have asked for. Scenarios that name the
// same rules share one set, since loading thousands takes seconds.
type ruleSets struct {
	mu   sync.Mutex
	sets map[string]*loadedRules
}

type loadedRules struct {
	once sync.Once
	set  *rules.Set
}

// get loads the rules of a scenario, or finds them loaded.
func (r *ruleSets) get(s *scenarios.Scenario) *rules.Set {
	sources, options := ruleSources(s)
	key := ruleKey(sources, options)
	r.mu.Lock()
	if r.sets == nil {
		r.sets = map[string]*loadedRules{}
	}
	l := r.sets[key]
	if l == nil {
		l = new(loadedRules)
		r.sets[key] = l
	}
	r.mu.Unlock()
	l.once.Do(func() { l.set, _ = rules.Load(sources, options) })
	return l.set
}

// ruleSources is where a scenario's rules are, and what is said of loading them.
func ruleSources(s *scenarios.Scenario) ([]rules.Source, rules.Options) {
	from := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(s.Dir, filepath.FromSlash(path))
	}
	d := s.Detections
	var sources []rules.Source
	for _, r := range d.Rules {
		sources = append(sources, rules.Source{Source: detect.Source{Path: from(r.Path), Revision: r.Revision}})
	}
	var options rules.Options
	for _, m := range d.Mappings {
		options.Mappings = append(options.Mappings, from(m.Path))
	}
	if len(d.Variables) > 0 {
		options.Variables = map[string]string{}
		for _, v := range d.Variables {
			options.Variables[v.Name] = v.Value
		}
	}
	return sources, options
}

func ruleKey(sources []rules.Source, options rules.Options) string {
	key, err := json.Marshal(struct {
		Sources []rules.Source
		Options rules.Options
	}{sources, options})
	if err != nil {
		panic(err) // strings, and lists and maps of them
	}
	return string(key)
}

// CheckRules loads the rules of scenarios without running any. It returns how
// many there are, in each language, and what is wrong with them, each once; and
// where scenarios name rules that are not there.
func (r *Runner) CheckRules(entries []Entry) (engines []reports.Engine, problems []detect.Problem, unknown []scenarios.Problem) {
	seen := map[*rules.Set]bool{}
	for _, e := range entries {
		if e.Scenario == nil || e.Scenario.Detections == nil {
			continue
		}
		set := r.rules.get(e.Scenario)
		for _, p := range set.Unknown(e.Scenario.Detections) {
			p.File = filepath.ToSlash(e.File)
			unknown = append(unknown, p)
		}
		if !seen[set] {
			seen[set] = true
			engines, problems = append(engines, set.Counts()...), append(problems, set.Problems()...)
		}
	}
	return engines, problems, unknown
}

// detect runs the rules of a scenario over what its run left behind, and judges
// what they say. The first time it hands out what they looked at.
func (r *Runner) detect(ctx context.Context, s *scenarios.Scenario, config *guest.Config, run *trace.Run, out *reports.Scenario, first bool) {
	rulesToo := s.Detections != nil && !r.WithoutRules
	handOut := first && r.Subject != nil
	if !rulesToo && !handOut {
		return
	}
	subject := rules.Subject(s.ID, run, config.Files, Host(config))
	if handOut {
		r.Subject(out, subject)
	}
	switch out.Verdict {
	case reports.Error, reports.Crashed, reports.Timeout:
		return // the run proves nothing
	}
	if !rulesToo {
		return
	}
	result := r.rules.get(s).Run(ctx, subject)
	result.Stage(run, out.Steps)
	show(out.Steps, telemetry.Shown(run, Host(config)))
	result.Judge(ctx, s.Detections, expect.DoubtsOf(s, run, out))
	out.Detections = &result.Detections
	expect.Decide(out)
}

// show says of the steps that were met which sensors have an event of them.
func show(steps []reports.Step, shown map[uint64][]telemetry.Sensor) {
	for i := range steps {
		for _, sensor := range shown[steps[i].Seq] {
			steps[i].Sensors = append(steps[i].Sensors, string(sensor))
		}
	}
}
