import "pe"
import "math"
import "hash"
import "elf"

rule executable { condition: pe.is_pe and not pe.is_dll() }
rule library { condition: pe.is_dll() and pe.is_64bit() }
rule sections { condition: pe.number_of_sections > 3 and for any s in pe.sections : ( s.name == ".text" and s.raw_data_size > 512 ) }
rule imports { condition: pe.imports("sidetrace-guard.dll") or pe.imports(/kernel32/i, /Create/i) > 0 }
rule exports { condition: pe.number_of_exports > 0 and pe.exports(/^av/) }
rule imphash { condition: pe.imphash() != "" and pe.imphash() != "00000000000000000000000000000000" }
rule version { condition: pe.version_info["ProductName"] contains "sidetrace" or pe.version_info["OriginalFilename"] contains "ffmpeg" }
rule signed { condition: pe.number_of_signatures > 0 }
rule overlay { condition: pe.overlay.size > 0 }
rule dense { condition: math.entropy(0, filesize) > 6.9 }
rule mean { condition: math.mean(0, filesize) < 100.0 and math.in_range(math.deviation(0, filesize, math.MEAN_BYTES), 30.0, 80.0) }
rule serial { condition: math.serial_correlation(0, filesize) > 0.3 or math.monte_carlo_pi(0, filesize) < 0.05 }
rule empty { condition: hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e" or filesize == 1 }
rule digests { condition: hash.sha256(0, 2) == hash.sha256("MZ") and hash.crc32(0, filesize) % 2 == 0 or hash.checksum32(0, 4) > 700 }
rule elf_file : constant { condition: elf.number_of_sections > 0 }
rule resources { condition: pe.number_of_resources > 0 and for any r in pe.resources : ( r.type == pe.RESOURCE_TYPE_VERSION ) }
