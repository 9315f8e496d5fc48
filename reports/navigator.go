package reports

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// attackVersion is the release of ATT&CK whose numbers [Technique] gives.
const attackVersion = "19"

// navigatorLayer is a layer of the ATT&CK Navigator in its format 4.5.
//
// https://github.com/mitre-attack/attack-navigator, layers/spec/v4.5/layerformat.md
type navigatorLayer struct {
	Name        string               `json:"name"`
	Versions    navigatorVersions    `json:"versions"`
	Domain      string               `json:"domain"`
	Description string               `json:"description"`
	Filters     navigatorFilters     `json:"filters"`
	Sorting     int                  `json:"sorting"` // by score, from the top
	Layout      navigatorLayout      `json:"layout"`
	Techniques  []navigatorTechnique `json:"techniques"`
	Gradient    navigatorGradient    `json:"gradient"`
	Legend      []navigatorLegend    `json:"legendItems"`
}

type navigatorVersions struct {
	Attack    string `json:"attack"`
	Navigator string `json:"navigator"` // the oldest that the format is for
	Layer     string `json:"layer"`
}

type navigatorFilters struct {
	Platforms []string `json:"platforms"`
}

type navigatorLayout struct {
	Layout                string `json:"layout"`
	ShowID                bool   `json:"showID"`
	ExpandedSubtechniques string `json:"expandedSubtechniques"`
}

type navigatorTechnique struct {
	ID       string              `json:"techniqueID"`
	Score    *int                `json:"score,omitempty"`
	Comment  string              `json:"comment,omitempty"`
	Enabled  bool                `json:"enabled"`
	Metadata []navigatorMetadata `json:"metadata"`
}

type navigatorMetadata struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type navigatorGradient struct {
	Colors []string `json:"colors"`
	Min    int      `json:"minValue"`
	Max    int      `json:"maxValue"`
}

type navigatorLegend struct {
	Label string `json:"label"`
	Color string `json:"color"`
}

var techniqueID = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

// WriteNavigator writes a suite as a layer of the ATT&CK Navigator: a technique's
// score is the share, in percent, of the scenarios that have it in which a rule
// tagged with it fires. A technique that rules are tagged with and no scenario has
// is there without a score: nothing is known of it.
func WriteNavigator(w io.Writer, s *Suite) error {
	const none, some, all = "#ff6666", "#ffe766", "#8ec843"
	layer := navigatorLayer{
		Name:        "sidetrace",
		Versions:    navigatorVersions{attackVersion, "4.9.0", "4.5"},
		Domain:      "enterprise-attack",
		Description: fmt.Sprintf("Share of scenarios in which a rule tagged with the technique fires. %s.", sum(s)),
		Filters:     navigatorFilters{[]string{"Windows"}},
		Sorting:     3,
		Layout:      navigatorLayout{"side", true, "annotated"},
		Techniques:  []navigatorTechnique{},
		Gradient:    navigatorGradient{[]string{none, some, all}, 0, 100},
		Legend:      []navigatorLegend{{"fires in no scenario", none}, {"in some", some}, {"in every", all}},
	}
	for _, t := range NewCoverage(s).Techniques {
		if !techniqueID.MatchString(t.ID) {
			continue // of a rule; no number of a technique
		}
		out := navigatorTechnique{ID: t.ID, Enabled: true, Metadata: []navigatorMetadata{}}
		list := func(name string, items []string) {
			if len(items) > 0 {
				out.Metadata = append(out.Metadata, navigatorMetadata{name, navigatorList(items)})
			}
		}
		list("scenarios", t.Scenarios)
		list("rules that fire", t.Fired)
		list("silent rules", t.Silent)
		if n := len(t.Scenarios); n > 0 {
			score := 100 * len(t.Seen) / n
			out.Score, out.Comment = &score, fmt.Sprintf("seen in %d of %s", len(t.Seen), plural(n, "scenario"))
		} else {
			out.Comment = "no scenario has it"
		}
		layer.Techniques = append(layer.Techniques, out)
	}
	return writeJSON(w, layer)
}

// navigatorList is a list as the tooltip of a technique can show it.
func navigatorList(items []string) string {
	const most = 20
	if n := len(items); n > most {
		return strings.Join(items[:most], ", ") + fmt.Sprintf(" and %d more", n-most)
	}
	return strings.Join(items, ", ")
}
