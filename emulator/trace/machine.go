package trace

// File is what became of a file that the guest made or wrote to.
type File struct {
	Path     string `json:"path"`
	Size     int    `json:"size"`     // bytes
	Artifact string `json:"artifact"` // name of its contents; "" if it is empty or too large to be kept
	Deleted  bool   `json:"deleted"`  // the contents are those that it had when it was removed
}

// Process is a process of the machine that was run: the program, one that was
// there, or one that the guest started.
type Process struct {
	ID               uint32 `json:"id"`
	Parent           uint32 `json:"parent"`  // process identifier
	Session          uint32 `json:"session"` // 0 for services
	Image            string `json:"image"`   // guest path of its program, or its name where there is no file
	CommandLine      string `json:"command_line"`
	CurrentDirectory string `json:"current_directory"` // of the program; "" for others
	System           bool   `json:"system"`            // runs as the system, else as the user
}
