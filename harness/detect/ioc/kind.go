package ioc

import "strings"

// Kind is what an indicator is of.
type Kind uint8

// The kinds of indicators.
const (
	Unknown Kind = iota
	Domain
	URL
	IP
	CIDR
	MD5
	SHA1
	SHA256
	ImpHash
	Path
	FileName
	Registry
	Mutex
	Event
	Pipe
	UserAgent
	kinds
)

func (k Kind) String() string {
	return [kinds]string{"unknown", "domain", "url", "ip", "cidr", "md5", "sha1", "sha256", "imphash", "path", "filename",
		"registry", "mutex", "event", "pipe", "user_agent"}[k]
}

// hash says that the kind is the digest of a file.
func (k Kind) hash() bool { return k == MD5 || k == SHA1 || k == SHA256 || k == ImpHash }

// digits is how many hexadecimal digits a hash has.
func (k Kind) digits() int { return map[Kind]int{MD5: 32, SHA1: 40, SHA256: 64, ImpHash: 32}[k] }

// heading is what a word in a list stands for, as a type or as the name of a
// column.
type heading struct {
	kind   Kind
	reason string // why indicators of the type are left out; "" if they are not
}

// nothing in a run shows these.
const unseen = "no sensor shows it"

// types are the names that lists give to types, as word writes them: those of
// MISP, of OTX, of abuse.ch and of the lists that vendors publish.
var types = map[string]heading{
	"domain": {Domain, ""}, "domains": {Domain, ""}, "domainname": {Domain, ""}, "hostname": {Domain, ""}, "host": {Domain, ""},
	"fqdn": {Domain, ""}, "dns": {Domain, ""}, "c2": {Unknown, ""}, "network": {Unknown, ""}, "c2domain": {Domain, ""},
	"url": {URL, ""}, "urls": {URL, ""}, "uri": {URL, ""}, "link": {Unknown, ""},
	"ip": {IP, ""}, "ips": {IP, ""}, "ipaddress": {IP, ""}, "ipv4": {IP, ""}, "ipv6": {IP, ""}, "ipdst": {IP, ""}, "ipsrc": {IP, ""},
	"ipv4addr": {IP, ""}, "ipv6addr": {IP, ""}, "address": {IP, ""}, "ip:port": {IP, ""}, "ipport": {IP, ""}, "ipdstport": {IP, ""}, "c2ip": {IP, ""},
	"cidr": {CIDR, ""}, "subnet": {CIDR, ""}, "iprange": {CIDR, ""},
	"md5": {MD5, ""}, "filehashmd5": {MD5, ""}, "md5hash": {MD5, ""}, "hashmd5": {MD5, ""},
	"sha1": {SHA1, ""}, "filehashsha1": {SHA1, ""}, "sha1hash": {SHA1, ""}, "hashsha1": {SHA1, ""},
	"sha256": {SHA256, ""}, "filehashsha256": {SHA256, ""}, "sha256hash": {SHA256, ""}, "hashsha256": {SHA256, ""},
	"hash": {Unknown, ""}, "filehash": {Unknown, ""}, "hashes": {Unknown, ""}, "imphash": {ImpHash, ""}, "filehashimphash": {ImpHash, ""},
	"path": {Path, ""}, "filepath": {Path, ""}, "pathname": {Path, ""}, "fullpath": {Path, ""}, "filepathname": {Path, ""}, "directory": {Path, ""}, "folder": {Path, ""},
	"filename": {FileName, ""}, "file": {FileName, ""}, "filenames": {FileName, ""}, "processname": {FileName, ""}, "process": {FileName, ""},
	"registry": {Registry, ""}, "registrykey": {Registry, ""}, "regkey": {Registry, ""}, "registrypath": {Registry, ""}, "registryvalue": {Registry, ""},
	"windowsregistrykey": {Registry, ""},
	"mutex":              {Mutex, ""}, "mutant": {Mutex, ""}, "mutexname": {Mutex, ""}, "event": {Event, ""}, "eventname": {Event, ""}, "namedevent": {Event, ""},
	"pipe": {Pipe, ""}, "namedpipe": {Pipe, ""}, "pipename": {Pipe, ""}, "useragent": {UserAgent, ""}, "httpuseragent": {UserAgent, ""},

	"email": {Unknown, unseen}, "emailaddress": {Unknown, unseen}, "emailsrc": {Unknown, unseen}, "emaildst": {Unknown, unseen}, "emailsubject": {Unknown, unseen},
	"sha512": {Unknown, "SHA-512 is not computed"}, "filehashsha512": {Unknown, "SHA-512 is not computed"}, "ssdeep": {Unknown, "ssdeep is not computed"},
	"tlsh": {Unknown, "TLSH is not computed"}, "pehash": {Unknown, "pehash is not computed"}, "filehashpehash": {Unknown, "pehash is not computed"},
	"vhash": {Unknown, "vhash is not computed"}, "ja3": {Unknown, "JA3 is not computed"}, "ja3fingerprintmd5": {Unknown, "JA3 is not computed"},
	"btc": {Unknown, unseen}, "bitcoinaddress": {Unknown, unseen}, "certificate": {Unknown, unseen}, "certificateserial": {Unknown, unseen},
	"x509fingerprintsha1": {Unknown, unseen}, "yara": {Unknown, "a YARA rule is no indicator"}, "sigma": {Unknown, "a Sigma rule is no indicator"},
	"cve": {Unknown, "a vulnerability is no indicator"}, "vulnerability": {Unknown, "a vulnerability is no indicator"}, "asn": {Unknown, unseen},
	"commandline": {Unknown, "command lines are for Sigma rules"}, "cmdline": {Unknown, "command lines are for Sigma rules"},
}

// aside are types of rows that say something about the list and are no
// indicators.
var aside = map[string]bool{"description": true, "reference": true, "references": true, "title": true, "note": true, "comment": true, "source": true, "campaign": true}

// word is a type or heading as it is looked up: without what lists write now
// this way and now that.
func word(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == ':', r == '|':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}
