/*
   The chain of the 3CX compromise of March 2023, as published:
   https://news.sophos.com/en-us/2023/03/29/3cx-dll-sideloading-attack/
   https://www.volexity.com/blog/2023/03/30/3cx-supply-chain-compromise-leads-to-iconic-incident/

   These rules are about names, keys and markers of that campaign and are
   precise for it. What outlives a campaign is in sideload.yar.
*/

import "pe"

rule SUPPLYCHAIN_3CX_Implant_Mar23 : T1574_001
{
   meta:
      description = "ffmpeg.dll with the unpack step of the 3CX compromise"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://github.com/Neo23x0/signature-base/blob/master/yara/gen_mal_3cx_compromise_mar23.yar"
      id = "4f6e1ff7-5347-496c-9f49-f15bc27fe0ec"
      level = "critical"
      mitre_attack = "T1574.001, T1195.002"
   strings:
      $event   = "AVMonitorRefreshEvent" wide
      $sidecar = "d3dcompiler_47.dll" wide nocase
      $key     = "3jB(2bsG#@c7" ascii
   condition:
      // Two of three: the key changes first. The event alone is not enough, since
      // the reports about it have it too.
      uint16(0) == 0x5A4D and pe.characteristics & pe.DLL and 2 of them
}

rule SUPPLYCHAIN_3CX_Container_Mar23 : T1027_009
{
   meta:
      description = "Signed DLL with the marker of the 3CX payload in its certificate table"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://www.elastic.co/security-labs/elastic-users-protected-from-suddenicon-supply-chain-attack"
      id = "b77bb892-0e06-400b-abf8-97a01914fed7"
      level = "critical"
      mitre_attack = "T1027.009, T1553.002"
   strings:
      // Doubled, as it is in the file: four bytes alone are the magic of Mach-O.
      $marker = { FE ED FA CE FE ED FA CE }
   condition:
      uint16(0) == 0x5A4D and pe.number_of_signatures > 0
      // of a data directory of certificates the address is an offset in the file
      and $marker in (pe.data_directories[pe.IMAGE_DIRECTORY_ENTRY_SECURITY].virtual_address..filesize)
}

rule SUPPLYCHAIN_3CX_Inner_DLL_Mar23 : T1620
{
   meta:
      description = "Inner DLL of the 3CX chain: samcli.dll that is a COM server and no Microsoft file"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://github.com/volexity/threat-intel/tree/main/2023/2023-03-30%203CX"
      id = "a15ec6fb-150d-4572-b65d-25e60535fd4d"
      level = "high"
      mitre_attack = "T1620"
   strings:
      $name   = "samcli.dll" ascii
      $export = "DllGetClassObject" ascii
      // Windows' own samcli.dll exports functions for accounts, and who imports
      // from it has the name of one.
      $own    = /Net(User|Group|LocalGroup|QueryDisplay|GetDisplay|Validate)[A-Z][a-z]/ ascii
      $mz     = "MZ"
   condition:
      // In a dump the PE header need not be at the start: a stub lies before it.
      for any i in (1..#mz) : (
         @mz[i] < 0x10000 and uint32(@mz[i] + uint32(@mz[i] + 0x3C)) == 0x00004550
      )
      and $name and $export and not $own
}

rule SUPPLYCHAIN_3CX_Icon_Mar23 : T1102_001
{
   meta:
      description = "Icon with $ and Base64 behind its PNG, the dead drop of the 3CX chain"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://github.com/volexity/threat-intel/tree/main/2023/2023-03-30%203CX"
      id = "1d839563-8d6f-4b32-b25f-df3732475710"
      level = "high"
      mitre_attack = "T1102.001"
   strings:
      // chunk IEND with its CRC, the dollar, and at least a prefix of 4 bytes and a tag of 16
      $drop = /IEND\xAEB`\x82\$[A-Za-z0-9+\/]{28}/
   condition:
      uint32(0) == 0x00010000 and $drop
}

rule SUPPLYCHAIN_3CX_Time_Gate_Mar23 : T1678
{
   meta:
      description = "File manifest of eight bytes that are a time: when the 3CX implant wakes"
      author = "the sidetrace authors"
      date = "2026-11-27"
      reference = "https://www.volexity.com/blog/2023/03/30/3cx-supply-chain-compromise-leads-to-iconic-incident/"
      id = "c0c7a6d2-51b5-4f0e-9c2f-0d1f8a6a4b10"
      level = "medium"
      mitre_attack = "T1678"
   condition:
      // 2020 to 2038 in Unix seconds; manifests of anything else are XML or JSON
      filename == "manifest" and filesize == 8
      and uint32(0) > 1577836800 and uint32(0) < 0x80000000 and uint32(4) == 0
}
