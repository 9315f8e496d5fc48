// Conditions, rules that build on others, and external variables.
private rule is_pe { condition: uint16(0) == 0x5A4D and uint32(uint32(0x3C)) == 0x00004550 }
global rule not_tiny { condition: filesize > 2 }
rule pe { condition: is_pe }
rule no_pe { condition: not is_pe and filesize < 200KB }
rule at_start { strings: $m = "MZ" condition: $m at 0 }
rule within { strings: $m = "This program" $d = "marker" condition: $m in (0..0x200) or #d in (0..1000) > 5 }
rule offsets { strings: $a = "marker" condition: for any i in (1..#a) : ( @a[i] < 200 and !a[i] == 6 ) }
rule loops { strings: $a = "beacon" condition: for 3 i in (1, 2, 3, 4) : ( uint8(@a[i]) == 0x62 ) }
rule for_of { strings: $a1 = "marker" $a2 = "beacon" $b = "MZ" condition: for 2 of ($a*) : ( # > 14 ) and $b }
rule some { strings: $a = "marker" $b = "beacon" $c = "sekurlsa" $d = "never there" condition: 3 of them }
rule neither { strings: $a = "marker" $b = "beacon" condition: none of them and filesize > 5000 }
rule sums { condition: (filesize \ 2 + 1) * 2 % 7 == 1 or uint8(0) ^ 0x20 > 100 or int32be(0) >> 3 < 0 }
rule by_name { condition: filename matches /mixed-[0-4]\.dat/ or filename contains "ffmpeg" or extension iequals ".EXE" }
rule by_path { condition: filepath == "C:\\app" and filetype == "EXE" and not filename startswith "d3d" }
rule chained { strings: $a = { 6D 61 72 6B 65 72 [300-600] 62 65 61 63 6F 6E } condition: $a }
rule by_rules { condition: (at_start and within) or (by_name and not pe) }
rule some_rules { condition: 2 of (by_*) }
