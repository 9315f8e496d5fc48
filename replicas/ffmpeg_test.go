package replicas

import (
	"encoding/base64"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// libraryDriver runs src/ffmpeg/ffmpeg.c on its first argument and on numbers.
const libraryDriver = `
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "ffmpeg.h"
#define P(x) printf("%" PRId64 "\n", (int64_t)(x))
int main(int argc, char **argv)
{
	(void)argc;
	const uint8_t *text = (const uint8_t *)argv[1];
	int n = (int)strlen(argv[1]);
	char coded[4096], copy[4] = "???";
	uint8_t plain[4096];
	P((uint32_t)~av_crc(av_crc_get_table(AV_CRC_32_IEEE_LE), ~0u, text, (size_t)n));
	P(av_adler32_update(1, text, (size_t)n));
	puts(av_base64_encode(coded, (n + 2) / 3 * 4 + 1, text, n));
	P(av_base64_decode(plain, coded, sizeof plain));
	P(memcmp(plain, text, (size_t)n));
	P(av_base64_decode(plain, coded, n / 2));
	P(av_base64_encode(coded, (n + 2) / 3 * 4, text, n) == NULL);
	P(av_base64_decode(plain, "ab*d", sizeof plain));
	P(av_crc_get_table(0) == NULL);
	P(av_gcd(-90000, 48000));
	P(av_gcd(0, 0));
	P(av_rescale(44100, 90000, 48000));
	P(av_rescale(-1, 1, 2));
	P(av_rescale(1, 1, 3));
	P(av_rescale(INT64_MAX, INT64_MAX, INT64_MAX));
	P(av_rescale(INT64_MAX, 2, 1) == INT64_MIN);
	P(av_rescale(1, 1, 0) == INT64_MIN);
	P(av_log2(0));
	P(av_log2(4095));
	P(av_log2(4096));
	P(av_strlcpy(copy, "library", sizeof copy));
	puts(copy);
	P(av_strlcpy(NULL, "library", 0));
	P(avutil_version() >> 16);
	return 0;
}
`

// The exports do real work; their C is checked against Go's libraries.
func TestLibrary(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler is installed")
	}
	dir := t.TempDir()
	driver, program := filepath.Join(dir, "driver.c"), filepath.Join(dir, "library")
	if err := os.WriteFile(driver, []byte(libraryDriver), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("cc", "-O2", "-Wall", "-Werror", "-fsanitize=address,undefined", "-D__declspec(x)=", "-Isrc/ffmpeg",
		driver, "src/ffmpeg/ffmpeg.c", "-o", program)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, text := range []string{"123456789", "a", "ab", "abc", strings.Repeat("\xFF\x01", 1000)} {
		out, err := exec.Command(program, text).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		want := fmt.Sprintf("%d\n%d\n%s\n%d\n0\n%d\n1\n-1\n1\n6000\n0\n82688\n-1\n0\n9223372036854775807\n1\n1\n0\n11\n12\n7\nlib\n7\n57\n",
			crc32.ChecksumIEEE([]byte(text)), adler32.Checksum([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)),
			len(text), len(text)/2)
		if diff := cmp.Diff(want, string(out)); diff != "" {
			t.Errorf("%.20q (-want +got):\n%s", text, diff)
		}
	}
}
