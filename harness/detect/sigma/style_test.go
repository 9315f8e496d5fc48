package sigma

import "testing"

// TestStyle: YAML as authors of public rules write it.
func TestStyle(t *testing.T) {
	const text = `title: "A title: with a colon, and 'quotes'"
id: 6f3e2987-0000-4000-8000-00000000000a
related:
    - id: 6f3e2987-0000-4000-8000-00000000000b # the proxy's
      type: similar
status: test
description: >-
    A folded description
    of two lines: with a colon
references:
    - https://example.com/a#fragment
    - https://example.com/b?x=1&y=%20   # a comment
author: 'Nobody (@nobody), Sombody Else'
date: 2023/03/31
tags:
    - attack.defense-evasion
logsource:
    category: process_creation
    product: windows
    definition: 'Requirements: something has to be switched on'
# a comment in column 1
detection:
    # a comment before a selection
    selection_hashes:
        Hashes|contains:
            # one product
            - 'SHA256=AA' # of its first version
            # another

            - "MD5=BB"
    selection_more:
        - sha1:
              - 'CC'
              - 'DD'
        -   Image|endswith: \plain.exe
        - CommandLine|contains|all:
          - ' -a '
          - '#x'
        - CommandLine:
            - 'it''s'
            - "tab\there"
            - >-
              folded
              value
            - |-
              block \* value
        - ParentImage:
        - EventID: 4688
        - Number: 007
    condition: 1 of selection_*
falsepositives:
    - Unknown
level: high
`
	r := mustParse(t, text, Options{})
	if r.Title != "A title: with a colon, and 'quotes'" {
		t.Error(r.Title)
	}
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"Hashes", "MD5=BB,SHA1=x", true}, {"Hashes", "SHA256=AA", true}, {"Hashes", "SHA1=DD,MD5=x", true}, {"Hashes", "SHA1=x", false},
		{"Image", `c:\plain.exe`, true}, {"CommandLine", "x -a #x", true}, {"CommandLine", "x -a ", false},
		{"CommandLine", "it's", true}, {"CommandLine", "tab\there", true}, {"CommandLine", "folded value", true}, {"CommandLine", "block * value", true},
		{"EventID", "4688", true}, {"Number", "007", true},
	} {
		if got := r.Match(event(processCreation, test.name, test.value, "ParentImage", "x")); got != test.want {
			t.Errorf("%s %q: got %v", test.name, test.value, got)
		}
	}
	if !r.Match(event(processCreation, "A", "a")) {
		t.Error("a key without a value is null")
	}
}
