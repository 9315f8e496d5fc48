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
	shown := Shown(run, host)
	sensors := Sensors()
	var stages []Stage
	at := map[string]int{}
	for i := range run.Behaviours {
		b := &run.Behaviours[i]
		if _, ok := b.Fields.(trace.ProcessImage); ok {
			continue // the emulator's doing, not the program's
		}
		kind := b.Kind()
		if _, ok := at[kind]; !ok {
			at[kind] = len(stages)
			stages = append(stages, Stage{Kind: kind, Shown: make([]int, len(sensors))})
		}
		s := &stages[at[kind]]
		s.Count++
		for j, sensor := range sensors {
			if slices.Contains(shown[b.Seq], sensor) {
				s.Shown[j]++
			}
		}
	}
	return stages
}

// Shown is, for each behaviour of a run by its number, the sensors that have an
// event of it, in the order of [Sensors].
func Shown(run *trace.Run, host Host) map[uint64][]Sensor {
	built := Build(run, host)
	seen := map[Sensor]map[uint64]bool{}
	for _, sensor := range Sensors() {
		seen[sensor] = map[uint64]bool{}
	}
	for i := range built {
		sensor := SensorSysmon
		if built[i].Channel == "" {
			sensor = SensorProxy
		}
		seen[sensor][built[i].Seq] = true
	}
	for _, events := range [][]Event{built, Behaviours(run, host)} {
		for i := range events {
			if _, ok := ocsf(&events[i], 0); ok {
				seen[SensorOCSF][events[i].Seq] = true
			}
		}
	}
	kept := keptCalls(run)
	shown := make(map[uint64][]Sensor, len(run.Behaviours))
	for i := range run.Behaviours {
		b := &run.Behaviours[i]
		seen[SensorAPI][b.Seq] = slices.ContainsFunc(b.Calls, func(seq uint64) bool { return kept[seq] })
		for _, sensor := range Sensors() {
			if seen[sensor][b.Seq] {
				shown[b.Seq] = append(shown[b.Seq], sensor)
			}
		}
	}
	return shown
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
