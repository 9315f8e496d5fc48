/*
   What loaders of side-loading chains have in common, whoever built them. No
   names and no keys: each rule is about the shape of one part.
*/

import "pe"
import "math"

rule LOADER_Certificate_Table_With_Ciphertext : T1027_009
{
   meta:
      description = "Encrypted data behind the signature in the certificate table, where it does not break it"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://nvd.nist.gov/vuln/detail/CVE-2013-3900"
      id = "5a0b6a86-6d86-4a55-8d0e-6f1e3c3f7c11"
      level = "high"
      mitre_attack = "T1027.009, T1553.002"
   condition:
      // Installers put a tag there as well (a referral, a campaign): text, mostly
      // zeros. So it is not the bytes that tell but that they look random.
      // WIN_CERTIFICATE: length, revision, type 2; then DER of tag 30 82 length.
      uint16(0) == 0x5A4D and pe.number_of_signatures > 0
      and for any cert in (pe.data_directories[pe.IMAGE_DIRECTORY_ENTRY_SECURITY].virtual_address) : (
         cert > 0 and uint16(cert + 6) == 2 and uint16be(cert + 8) == 0x3082
         and uint32(cert) > uint16be(cert + 10) + 12 + 1024
         and math.entropy(cert + uint16be(cert + 10) + 12, uint32(cert) - uint16be(cert + 10) - 12) > 7.2
      )
}

rule LOADER_Media_Library_Names_A_Sidecar : T1574_001
{
   meta:
      description = "FFmpeg's library that names a DLL which FFmpeg does not know, and can make memory executable"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://attack.mitre.org/techniques/T1574/001/"
      id = "f0a8b0a6-3c0e-4d83-9f4e-2d9a4f9f5d12"
      level = "high"
      mitre_attack = "T1574.001"
   strings:
      // UTF-16 of which the name is the whole: a regular expression is matched at
      // each place, and "wide" would find "47.dll" as well
      $sidecar = /\x00\x00([a-z0-9_]\x00){4,40}\.\x00d\x00l\x00l\x00\x00/ nocase
      // what a C runtime and FFmpeg itself load (Direct3D, to decode), but never a
      // compiler of shaders; and the library's own names, in its version resource
      $system  = /(mscoree|kernel32|kernelbase|ntdll|user32|advapi32|bcrypt|combase|ole32|d3d9|d3d1[012]|dxgi|dxva2)\.dll/ wide nocase fullword
      $own     = /(lib)?(ffmpeg|av(codec|format|util|filter|device)|sw(scale|resample))[a-z0-9_]{0,16}\.dll/ wide nocase fullword
   condition:
      uint16(0) == 0x5A4D and pe.characteristics & pe.DLL
      and pe.exports(/^av(codec|format|util)?_[a-z0-9_]+$/)
      and pe.imports("kernel32.dll", "VirtualProtect")
      and pe.imports("kernel32.dll", "CreateFileW") and pe.imports("kernel32.dll", "ReadFile")
      and for any i in (1..#sidecar) : ( not $system at @sidecar[i] + 2 and not $own at @sidecar[i] + 2 )
}

rule LOADER_Stub_In_Front_Of_PE : T1620
{
   meta:
      description = "Code with a whole PE image behind it, as position-independent loaders of DLLs are laid out"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://attack.mitre.org/techniques/T1620/"
      id = "91f3c0de-0a4e-4d3b-8d1c-3b1f6e7a8c13"
      level = "high"
      mitre_attack = "T1620"
   strings:
      $mz = "MZ"
   condition:
      // sRDI and its kin are a few hundred to a few thousand bytes long; archives
      // and installers, which have images in them too, begin otherwise
      uint16(0) != 0x5A4D and filesize < 16MB
      and not (uint32(0) == 0x04034B50 or uint32(0) == 0xE011CFD0 or uint32(0) == 0x4643534D or uint32be(0) == 0x377ABCAF)
      and for any i in (1..#mz) : (
         @mz[i] > 32 and @mz[i] < 0x4000
         and uint32(@mz[i] + 0x3C) < 0x400 and uint32(@mz[i] + uint32(@mz[i] + 0x3C)) == 0x00004550
         and (uint16(@mz[i] + uint32(@mz[i] + 0x3C) + 4) == 0x8664 or uint16(@mz[i] + uint32(@mz[i] + 0x3C) + 4) == 0x014C)
      )
}

rule ICON_Data_Behind_Its_Image : T1027_009
{
   meta:
      description = "Icon file of one image that goes on behind it with Base64"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://attack.mitre.org/techniques/T1102/001/"
      id = "2be4f1a0-77c5-4f4c-a8c2-5c9d2e6b7d14"
      level = "medium"
      mitre_attack = "T1102.001, T1027.009"
   condition:
      // ICONDIR of one icon: offset 14 its size, offset 18 where it begins
      uint32(0) == 0x00010000 and uint16(4) == 1
      and uint32(14) + uint32(18) + 41 < filesize
      // a sign between them may set the two apart; then nothing below "+" or above
      // "z", which leaves Base64 and lets neither padding nor binary data through
      and for all i in (1..40) : (
         uint8(uint32(14) + uint32(18) + i) >= 0x2B and uint8(uint32(14) + uint32(18) + i) <= 0x7A
      )
}
