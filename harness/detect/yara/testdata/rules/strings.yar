// Every kind and modifier of strings.
rule text : a b { strings: $a = "marker" condition: $a }
rule anycase { strings: $a = "marker" nocase condition: #a > 20 }
rule utf16 { strings: $a = "beacon" wide condition: $a }
rule both { strings: $a = "beacon" wide ascii condition: #a > 11 }
rule whole { strings: $a = "sekurlsa" fullword condition: #a > 6 }
rule whole_wide { strings: $a = "sekurlsa" fullword wide ascii nocase condition: #a > 10 }
rule xored { strings: $a = "xor key" xor condition: $a }
rule xor_range { strings: $a = "xor key" xor(0x01-0x40) condition: $a }
rule xor_wide { strings: $a = "http://c2.test" xor(0-255) wide ascii condition: $a }
rule based { strings: $a = "http://c2.test/queue" base64 condition: $a }
rule based_wide { strings: $a = "user=admin" base64 base64wide condition: $a }
rule hexadecimal { strings: $a = { E8 ?? ?? ?? ?? 48 ( 8? | ?1 ) C3 } condition: $a }
rule jump { strings: $a = { 6D 61 72 [1-12] 72 } $b = { 68 74 74 70 [4-] 2F } condition: any of them }
rule gap { strings: $a = { E8 [4] 48 [0-1] C3 } condition: #a > 4 }
rule regular { strings: $a = /user=\w{3,8};/ $b = /https?:\/\/[a-z0-9.]{1,20}\/queue/i condition: all of them }
rule regular_wide { strings: $a = /be(a|e)con/ wide condition: $a }
rule regular_case { strings: $a = /mar[a-k]er/i fullword condition: #a > 30 }
rule greedy { strings: $a = /abc(abc)*/ $b = /m.{0,40}r/s condition: all of them }
rule anonymous { strings: $ = "marker" $ = "beacon" $ = "nowhere at all" condition: 2 of them }
rule hidden { strings: $a = "marker" private $b = "beacon" condition: $a and $b }
rule escaped { strings: $a = "PE\x00\x00" $b = "a\"b\\c\t" condition: any of them }
