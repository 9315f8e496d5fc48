package replicas

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustBuildOrdinary(t *testing.T) *Set {
	t.Helper()
	set, err := Build("ordinary", Params{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// The programs are there under the names they are installed by, each build
// gives the same bytes, and there is nothing to choose.
func TestOrdinary(t *testing.T) {
	set := mustBuildOrdinary(t)
	var names []string
	for _, f := range set.Files {
		names = append(names, f.Name)
	}
	want := []string{"updater.exe", "player.exe", "ffmpeg.dll", "packed.exe", "setup.exe", "admin.exe", "app.ico"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(set, mustBuildOrdinary(t)); diff != "" {
		t.Error("two builds differ")
	}
	var wrong *ParamError
	if _, err := Build("ordinary", Params{Clean: true}); !errors.As(err, &wrong) {
		t.Errorf("with a parameter: %v", err)
	}
}

// The installer's tag lies behind the signature, as a payload would.
func TestTag(t *testing.T) {
	image := mustParse(t, mustGet(t, mustBuildOrdinary(t), "setup.exe"))
	if got := image.Certificates.Entries[0].Appended.Size; got < tagSize {
		t.Errorf("%d bytes behind the signature", got)
	}
}
