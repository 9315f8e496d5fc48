package telemetry

import (
	"slices"

	"sidetrace/emulator/trace"
)

// Sensor is a telemetry that rules are written on.
type Sensor string

// The sensors.
const (
	SensorSysmon Sensor = "sysmon"
	SensorProxy  Sensor = "proxy"
	SensorOCSF   Sensor = "ocsf" // whatever has a class of OCSF: what an EDR could tell
	SensorAPI    Sensor = "api"  // the stream of API calls
)

// Sensors lists them.
func Sensors() []Sensor { return []Sensor{SensorSysmon, SensorProxy, SensorOCSF, SensorAPI} }

// Stage is what the sensors see of a run's behaviours of one kind.
type Stage struct {
	Kind  string
	Count int   // behaviours
	Shown []int // how many of them an event of each sensor shows, beside Sensors
}

// Blind lists the sensors that have no event of the stage at all.
func (s Stage) Blind() []Sensor {
	var blind []Sensor
	for i, sensor := range Sensors() {
		if s.Shown[i] == 0 {
			blind = append(blind, sensor)
		}
	}
	return blind
}

// Stages says for each kind of behaviour of a run, in the order in which they
// first occurred, which sensors have an event of it. A sensor that has another
// event of the same stage, as Sysmon has a connection's for a request, sees that
// other kind.
func Stages(run *trace.Run, host Host) []Stage {
	built := Build(run, host)
	sensors := Sensors()
	seen := make([]map[uint64]bool, len(sensors)) // by number of the behaviour
	for i := range seen {
		seen[i] = map[uint64]bool{}
	}
	see := func(sensor Sensor, seq uint64) { seen[slices.Index(sensors, sensor)][seq] = true }
	for i := range built {
		sensor := SensorSysmon
		if built[i].Channel == "" {
			sensor = SensorProxy
		}
		see(sensor, built[i].Seq)
	}
	for _, events := range [][]Event{built, Behaviours(run, host)} {
		for i := range events {
			if _, ok := ocsf(&events[i], 0); ok {
				see(SensorOCSF, events[i].Seq)
			}
		}
	}
	kept := keptCalls(run)
	var stages []Stage
	at := map[string]int{}
	for i := range run.Behaviours {
		b := &run.Behaviours[i]
		if _, ok := b.Fields.(trace.ProcessImage); ok {
			continue // the emulator's doing, not the program's
		}
		if slices.ContainsFunc(b.Calls, func(seq uint64) bool { return kept[seq] }) {
			see(SensorAPI, b.Seq)
		}
		kind := b.Kind()
		if _, ok := at[kind]; !ok {
			at[kind] = len(stages)
			stages = append(stages, Stage{Kind: kind, Shown: make([]int, len(sensors))})
		}
		s := &stages[at[kind]]
		s.Count++
		for j := range sensors {
			if seen[j][b.Seq] {
				s.Shown[j]++
			}
		}
	}
	return stages
}

// keptCalls are the calls that behaviours point to and the record still has.
func keptCalls(run *trace.Run) map[uint64]bool {
	kept := map[uint64]bool{}
	for i := range run.Behaviours {
		for _, seq := range run.Behaviours[i].Calls {
			kept[seq] = false
		}
	}
	if run.Calls == nil {
		return kept
	}
	for c := range run.Calls.All() {
		if _, ok := kept[c.Seq]; ok {
			kept[c.Seq] = true
		}
	}
	return kept
}

// Merge joins events by their numbers in the run: those of [Build] and
// [Behaviours], or of calls.
func Merge(lists ...[]Event) []Event {
	var all []Event
	for _, list := range lists {
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b Event) int {
		switch {
		case a.Seq < b.Seq:
			return -1
		case a.Seq > b.Seq:
			return 1
		}
		return 0
	})
	return all
}

// Shows says what a kind of behaviour can give rise to: the numbers of Sysmon's
// events, a proxy's record, a class of OCSF. It does not mean that each behaviour
// of the kind does.
func Shows(kind string) (sysmonEvents []int, proxy, hasClass bool) {
	for _, s := range sysmon {
		if slices.Contains(s.From, kind) {
			sysmonEvents = append(sysmonEvents, s.ID)
		}
	}
	proxy = kind == trace.HTTPRequest{}.Kind()
	e := Event{Source: Logsource{CategoryOf(kind), Product, ServiceBehaviour}}
	_, hasClass = ocsf(&e, 0)
	return sysmonEvents, proxy, hasClass || proxy || len(sysmonEvents) > 0
}
