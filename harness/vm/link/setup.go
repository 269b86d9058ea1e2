package link

// SetupFile is where the first process of a guest finds a Setup, as JSON.
const SetupFile = "/etc/assay-guest.json"

// A Setup is what the first process does before it says that it is ready.
type Setup struct {
	Modules []string `json:"modules"` // files, in the order in which they are loaded
	Disks   []Disk   `json:"disks"`
	Swap    string   `json:"swap,omitempty"` // serial of the nvme device that is swapped to
}

// A Disk is a file system to be mounted.
type Disk struct {
	Serial string `json:"serial"` // of the nvme device
	At     string `json:"at"`
	Type   string `json:"type"` // "ext4"
}
