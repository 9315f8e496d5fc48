package sigma

import "sidetrace/harness/detect/near"

// didYouMean is a hint for a name that is not there, or "".
func didYouMean(name string, names []string) string {
	if best, _, ok := near.Best(name, names, near.Limit(name)+1); ok {
		return "did you mean " + best + "?"
	}
	return ""
}
