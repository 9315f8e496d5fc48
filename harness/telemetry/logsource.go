package telemetry

import "strings"

// services of the channels of Windows' event log, in Sigma's names.
//
// https://github.com/SigmaHQ/sigma-specification, appendix "Taxonomy"
var channels = map[string]string{
	"application": "application", "security": "security", "system": "system",
	"microsoft-windows-sysmon/operational":                               "sysmon",
	"microsoft-windows-powershell/operational":                           "powershell",
	"powershellcore/operational":                                         "powershell",
	"windows powershell":                                                 "powershell-classic",
	"microsoft-windows-taskscheduler/operational":                        "taskscheduler",
	"microsoft-windows-wmi-activity/operational":                         "wmi",
	"microsoft-windows-windows defender/operational":                     "windefend",
	"microsoft-windows-windows firewall with advanced security/firewall": "firewall-as",
	"microsoft-windows-bits-client/operational":                          "bits-client",
	"microsoft-windows-codeintegrity/operational":                        "codeintegrity-operational",
	"microsoft-windows-dns-client/operational":                           "dns-client",
	"dns server": "dns-server",
	"microsoft-windows-dns-server/analytical":                                  "dns-server-analytic",
	"microsoft-windows-driverframeworks-usermode/operational":                  "driver-framework",
	"microsoft-windows-ntlm/operational":                                       "ntlm",
	"microsoft-windows-printservice/admin":                                     "printservice-admin",
	"microsoft-windows-printservice/operational":                               "printservice-operational",
	"microsoft-windows-smbclient/security":                                     "smbclient-security",
	"microsoft-windows-smbclient/connectivity":                                 "smbclient-connectivity",
	"microsoft-windows-terminalservices-localsessionmanager/operational":       "terminalservices-localsessionmanager",
	"microsoft-windows-applocker/exe and dll":                                  "applocker",
	"microsoft-windows-applocker/msi and script":                               "applocker",
	"microsoft-windows-applocker/packaged app-deployment":                      "applocker",
	"microsoft-windows-applocker/packaged app-execution":                       "applocker",
	"microsoft-windows-appxdeploymentserver/operational":                       "appxdeployment-server",
	"microsoft-windows-appxpackaging/operational":                              "appxpackaging-om",
	"microsoft-windows-appmodel-runtime/admin":                                 "appmodel-runtime",
	"microsoft-windows-bitlocker/bitlocker management":                         "bitlocker",
	"microsoft-windows-capi2/operational":                                      "capi2",
	"microsoft-windows-certificateservicesclient-lifecycle-system/operational": "certificateservicesclient-lifecycle-system",
	"microsoft-windows-diagnosis-scripted/operational":                         "diagnosis-scripted",
	"microsoft-windows-ldap-client/debug":                                      "ldap",
	"microsoft-windows-lsa/operational":                                        "lsa-server",
	"microsoft-windows-security-mitigations/kernel mode":                       "security-mitigations",
	"microsoft-windows-security-mitigations/user mode":                         "security-mitigations",
	"microsoft-windows-shell-core/operational":                                 "shell-core",
	"microsoft-windows-vhdmp/operational":                                      "vhdmp",
	"microsoft-iis-configuration/operational":                                  "iis-configuration",
	"microsoft-servicebus-client":                                              "microsoft-servicebus-client",
	"msexchange management":                                                    "msexchange-management",
	"openssh/operational":                                                      "openssh",
}

// logsource says where an event is from, by its channel and number, or by its fields.
func (e *Event) logsource() Logsource {
	service := channels[strings.ToLower(e.Channel)]
	switch {
	case e.Channel == "":
		for _, name := range [...]string{"c-uri", "c-useragent", "r-dns"} {
			if _, ok := e.Get(name); ok {
				return Logsource{Category: "proxy"}
			}
		}
		return Logsource{}
	case service == "sysmon":
		return Logsource{e.sysmonCategory(), "windows", service}
	case service == "powershell" && e.ID == 4104:
		return Logsource{"ps_script", "windows", service}
	case service == "powershell" && e.ID == 4103:
		return Logsource{"ps_module", "windows", service}
	case service == "powershell-classic" && e.ID == 400:
		return Logsource{"ps_classic_start", "windows", service}
	case service == "powershell-classic" && e.ID == 600:
		return Logsource{"ps_classic_provider_start", "windows", service}
	}
	return Logsource{"", "windows", service}
}

// others are categories of Sysmon's events that no run gives rise to.
var others = map[int]string{
	2: "file_change", 4: "sysmon_status", 6: "driver_load", 9: "raw_access_thread", 16: "sysmon_status", 19: "wmi_event", 20: "wmi_event", 21: "wmi_event",
	24: "clipboard_capture", 27: "file_block_executable", 28: "file_block_shredding", 255: "sysmon_error",
}

func (e *Event) sysmonCategory() string {
	s := sysmonEvent(e.ID)
	if s == nil {
		return others[e.ID]
	}
	if e.ID == 12 {
		if v, _ := e.Get("EventType"); strings.HasPrefix(v.Text, "Delete") {
			return "registry_delete"
		}
	}
	return s.Categories[0]
}
