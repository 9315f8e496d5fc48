package kernel32

import (
	"sidetrace/emulator/guest"
	"sidetrace/emulator/win"
	"sidetrace/emulator/win/ntdll"
)

var jobRows = win.Rows{
	win.Func2("AssignProcessToJobObject", assignProcessToJobObject, "hJob hProcess"),
	win.Func2("CreateJobObject{A,W}", createJobObject, "lpJobAttributes lpName"),
	win.Func3("OpenJobObject{A,W}", openJobObject, "dwDesiredAccess bInheritHandle lpName"),
	win.Partial(win.Func5("QueryInformationJobObject", queryInformationJobObject,
		"hJob JobObjectInformationClass lpJobObjectInformation cbJobObjectInformationLength lpReturnLength"), "limits and the list of processes"),
	win.Partial(win.Func4("SetInformationJobObject", setInformationJobObject,
		"hJob JobObjectInformationClass lpJobObjectInformation cbJobObjectInformationLength"), "limits are kept and have no effect"),
	win.Func2("TerminateJobObject", terminateJobObject, "hJob uExitCode"),
}

// job is a job object: processes that share limits.
type job struct {
	name      string
	processes []*guest.OtherProcess // nil for the calling one
	limits    map[uint32][]byte
}

func (*job) Type() string { return "Job" }

func (j *job) holds(o *guest.OtherProcess) bool {
	for _, p := range j.processes {
		if p == o {
			return true
		}
	}
	return false
}

// inJobKey is where it is kept that a process is in a job.
type inJobKey struct{ *guest.OtherProcess }

// Classes of information and the sizes of their structures.
const (
	jobBasicLimits     = 2
	jobProcessList     = 3
	jobUIRestrictions  = 4
	jobEndOfJobTime    = 6
	jobCompletionPort  = 7
	jobExtendedLimits  = 9
	jobMostProcesses   = 256
	jobBasicLimitsSize = 64
	jobExtendedSize    = 144
)

func jobInformationSize(class win.DWORD) int {
	switch class {
	case jobBasicLimits:
		return jobBasicLimitsSize
	case jobUIRestrictions, jobEndOfJobTime:
		return 4
	case jobCompletionPort:
		return 16
	case jobExtendedLimits:
		return jobExtendedSize
	}
	return 0
}

// createJobObject makes a job, or opens the one of that name.
//
// https://learn.microsoft.com/windows/win32/api/jobapi2/nf-jobapi2-createjobobjectw
func createJobObject(c *win.Call, lpJobAttributes win.Ptr, lpName win.TStr) (win.Handle, win.Error) {
	j, exists, ok := named[*job](c, lpName.Text)
	if !ok {
		return 0, win.ErrInvalidHandle
	}
	if !exists {
		j = &job{name: lpName.Text, limits: map[uint32][]byte{}}
		if j.name != "" {
			c.Names.Set(j.name, j)
		}
	}
	return created(c, j, exists, nil), 0
}

// openJobObject opens a job by name.
//
// https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-openjobobjectw
func openJobObject(c *win.Call, dwDesiredAccess win.Hex, bInheritHandle win.Int, lpName win.TStr) (win.Handle, win.Error) {
	return open[*job](c, lpName.Text)
}

// assignProcessToJobObject puts a process into a job. Limits have no effect.
//
// https://learn.microsoft.com/windows/win32/api/jobapi2/nf-jobapi2-assignprocesstojobobject
func assignProcessToJobObject(c *win.Call, hJob, hProcess win.Handle) (win.Bool, win.Error) {
	const quotaAndTerminate = 0x101
	j, ok := guest.Lookup[*job](c.Handles, hJob.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	o, err := processOf(c, hProcess, quotaAndTerminate)
	switch {
	case err != 0:
		return false, err
	case o != nil && o.Set || len(j.processes) >= jobMostProcesses:
		return false, win.ErrAccessDenied
	}
	if !j.holds(o) {
		j.processes = append(j.processes, o)
	}
	c.State[inJobKey{o}] = true
	return true, 0
}

// setInformationJobObject keeps the limits of a job.
//
// https://learn.microsoft.com/windows/win32/api/jobapi2/nf-jobapi2-setinformationjobobject
func setInformationJobObject(c *win.Call, hJob win.Handle, JobObjectInformationClass win.DWORD, lpJobObjectInformation win.Ptr, cbJobObjectInformationLength win.DWORD) (win.Bool, win.Error) {
	j, ok := guest.Lookup[*job](c.Handles, hJob.Guest())
	size := jobInformationSize(JobObjectInformationClass)
	switch {
	case !ok:
		return false, win.ErrInvalidHandle
	case size == 0:
		return false, win.ErrInvalidParameter
	case int(cbJobObjectInformationLength) != size:
		return false, errBadLength
	}
	b := c.Bytes(lpJobObjectInformation, uint64(size))
	if b == nil {
		return false, 0
	}
	j.limits[uint32(JobObjectInformationClass)] = append([]byte(nil), b...)
	return true, 0
}

// queryInformationJobObject tells the limits and the processes of a job; for a
// null handle, of the one the process is in.
//
// https://learn.microsoft.com/windows/win32/api/jobapi2/nf-jobapi2-queryinformationjobobject
func queryInformationJobObject(c *win.Call, hJob win.Handle, JobObjectInformationClass win.DWORD, lpJobObjectInformation win.Ptr, cbJobObjectInformationLength win.DWORD, lpReturnLength win.Out[uint32]) (win.Bool, win.Error) {
	j, ok := guest.Lookup[*job](c.Handles, hJob.Guest())
	switch {
	case hJob == 0:
		return false, win.ErrAccessDenied // the process is in none
	case !ok:
		return false, win.ErrInvalidHandle
	}
	var b []byte
	switch JobObjectInformationClass {
	case jobProcessList:
		b = make([]byte, 8, 8+8*len(j.processes))
		le.PutUint32(b, uint32(len(j.processes)))
		le.PutUint32(b[4:], uint32(len(j.processes)))
		for _, o := range j.processes {
			id := c.ID
			if o != nil {
				id = o.ID
			}
			b = le.AppendUint64(b, uint64(id))
		}
		if int(cbJobObjectInformationLength) < len(b) {
			return false, win.ErrMoreData
		}
	default:
		size := jobInformationSize(JobObjectInformationClass)
		if size == 0 {
			c.Gap("information class " + decimal(uint64(JobObjectInformationClass)))
			return false, win.ErrInvalidParameter
		}
		if int(cbJobObjectInformationLength) < size {
			return false, errBadLength
		}
		b = make([]byte, size)
		copy(b, j.limits[uint32(JobObjectInformationClass)])
	}
	c.Write(lpJobObjectInformation, b)
	lpReturnLength.Set(c, uint32(len(b)))
	return true, 0
}

// terminateJobObject ends all processes of a job.
//
// https://learn.microsoft.com/windows/win32/api/jobapi2/nf-jobapi2-terminatejobobject
func terminateJobObject(c *win.Call, hJob win.Handle, uExitCode win.DWORD) (win.Bool, win.Error) {
	j, ok := guest.Lookup[*job](c.Handles, hJob.Guest())
	if !ok {
		return false, win.ErrInvalidHandle
	}
	own := false
	for _, o := range j.processes {
		if o == nil {
			own = true
		} else if !o.Set {
			ntdll.EndProcess(c, o, uint32(uExitCode))
		}
	}
	if own {
		c.EndProcess(uint32(uExitCode), "TerminateJobObject")
	}
	return true, 0
}
