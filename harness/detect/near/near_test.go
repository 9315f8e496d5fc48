package near

import "testing"

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b  string
		limit int
		want  int
	}{
		{"", "", 3, 0},
		{"abc", "ABC", 3, 0},
		{"glcloudservice.com", "glcloudservices.com", 3, 1},
		{"C3XDesktopApp", "3CXDesktopApp", 3, 1}, // neighbours swapped
		{"kitten", "sitting", 5, 3},
		{"kitten", "sitting", 2, 3}, // more than the limit
		{"", "four", 9, 4},
		{"ünïcode", "unicode", 9, 2},
		{"ca", "abc", 9, 3}, // a pair that was swapped is not edited again
	} {
		if got := Distance(test.a, test.b, test.limit); got != test.want {
			t.Errorf("Distance(%q, %q, %d): got %d, want %d", test.a, test.b, test.limit, got, test.want)
		}
		if got := Distance(test.b, test.a, test.limit); got != test.want {
			t.Errorf("Distance(%q, %q, %d): got %d, want %d", test.b, test.a, test.limit, got, test.want)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		piece, text string
		limit       int
		part        string
		want        int
	}{
		{`\C3XDesktopApp\app\`, `C:\Users\a\AppData\Local\Programs\3CXDesktopApp\app\ffmpeg.dll`, 3, `\3CXDesktopApp\app\`, 1},
		{"journalide", "https://www.journalide.org/x", 2, "journalide", 0},
		{"abc", "xyz", 1, "", 2},
		{"", "xyz", 1, "", 0},
		{"abc", "", 3, "", 3},
	} {
		part, got := Within(test.piece, test.text, test.limit)
		if part != test.part || got != test.want {
			t.Errorf("Within(%q, %q, %d): got %q, %d, want %q, %d", test.piece, test.text, test.limit, part, got, test.part, test.want)
		}
	}
}

func TestBest(t *testing.T) {
	text, distance, ok := Best("msedgeupdate.net", []string{"example.com", "msedgeupdates.net", "msedgeupdate.com"}, 3)
	if text != "msedgeupdates.net" || distance != 1 || !ok {
		t.Errorf("got %q, %d, %v", text, distance, ok)
	}
	if text, _, ok := Best("msedgeupdate.net", []string{"example.com"}, 3); ok {
		t.Errorf("got %q, which is not near", text)
	}
}

func TestDifference(t *testing.T) {
	for _, test := range [][4]string{
		{`C:\C3XDesktopApp\app`, `C:\3CXDesktopApp\app`, "C3XDesktopApp", "3CXDesktopApp"},
		{"glcloudservice.com", "glcloudservices.com", "glcloudservice", "glcloudservices"},
		{"same", "same", "", ""},
		{"", "a", "", "a"},
	} {
		if a, b := Difference(test[0], test[1]); a != test[2] || b != test[3] {
			t.Errorf("Difference(%q, %q): got %q, %q, want %q, %q", test[0], test[1], a, b, test[2], test[3])
		}
	}
}

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{"abc": "abc", "a\nb": "a b", "0123456789": "012…89"} {
		if got := Shorten(in, 6); got != want {
			t.Errorf("Shorten(%q): got %q, want %q", in, got, want)
		}
	}
}

func FuzzNear(f *testing.F) {
	f.Add("abc", "abd", 3)
	f.Add("\xff", "İ", 1)
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		limit = min(max(limit, 0), 50)
		if x, y := Distance(a, b, limit), Distance(b, a, limit); x != y || x < 0 || x > limit+1 {
			t.Errorf("Distance(%q, %q, %d): %d one way, %d the other", a, b, limit, x, y)
		}
		Within(a, b, limit)
		Difference(a, b)
	})
}
