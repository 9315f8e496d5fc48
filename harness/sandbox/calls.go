package sandbox

import (
	"os"
	"slices"

	"github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// denied are the system calls that are refused (EPERM), by what they reach. All
// others that are known today are allowed; those that are not, and all of other
// architectures, are refused.
func denied() []string {
	return slices.Concat(
		[]string{ // the network, and the way around this list
			"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
			"io_uring_setup", "io_uring_enter", "io_uring_register",
		},
		[]string{ // programs and other processes
			"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
			"kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
			"migrate_pages", "move_pages", "sched_setaffinity", "setpriority", "setpgid", "setsid",
			"shmget", "shmat", "shmctl", "semget", "semop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl",
			"mq_open", "mq_unlink",
		},
		[]string{ // what the process sees of the machine
			"mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "fsopen", "fsconfig", "fsmount", "fspick",
			"move_mount", "open_tree", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "fanotify_init", "quotactl", "quotactl_fd",
		},
		[]string{ // what Landlock does not see of files
			"chmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat", "futimesat",
			"setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "mknod", "mknodat",
		},
		[]string{ // rights
			"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
			"add_key", "request_key", "keyctl",
		},
		[]string{ // the kernel
			"bpf", "perf_event_open", "userfaultfd", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
			"reboot", "swapon", "swapoff", "acct", "syslog", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
			"sethostname", "setdomainname", "ioperm", "iopl", "modify_ldt", "personality", "vhangup", "lookup_dcookie", "nfsservctl",
		},
	)
}

// policy is the filter of system calls. It lists what is allowed, so that what
// is not known is refused; the kernel keeps a table of calls that are allowed
// whatever their arguments, so that the length of the list costs nothing.
func policy() (seccomp.Policy, error) {
	info, err := arch.GetInfo("")
	if err != nil {
		return seccomp.Policy{}, err
	}
	conditional := []string{"clone", "clone3", "tgkill", "prlimit64"}
	var allowed []string
	denied := denied()
	for name := range info.SyscallNames {
		if !slices.Contains(denied, name) && !slices.Contains(conditional, name) {
			allowed = append(allowed, name)
		}
	}
	slices.Sort(allowed)
	only := func(name string, argument uint32, op seccomp.Operation, value uint64) seccomp.NameWithConditions {
		return seccomp.NameWithConditions{Name: name, Conditions: seccomp.ArgumentConditions{{Argument: argument, Operation: op, Value: value}}}
	}
	return seccomp.Policy{
		DefaultAction: seccomp.ActionErrno, // EPERM
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionAllow, NamesWithCondtions: []seccomp.NameWithConditions{
				only("clone", 0, seccomp.BitsSet, unix.CLONE_THREAD),  // threads, not processes
				only("tgkill", 0, seccomp.Equal, uint64(os.Getpid())), // signals of Go's own, to itself
				only("prlimit64", 0, seccomp.Equal, 0),                // its own limits
			}},
			// Its arguments lie in memory, where a filter cannot look. The C library
			// then takes clone.
			{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"clone3"}},
			{Action: seccomp.ActionAllow, Names: allowed},
		},
	}, nil
}
