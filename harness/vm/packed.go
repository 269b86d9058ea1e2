package vm

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// unpacked is the image of a module, packed or not.
func unpacked(path string) ([]byte, error) {
	if !strings.HasSuffix(path, ".xz") {
		return os.ReadFile(path)
	}
	image, err := exec.Command("xz", "-dc", path).Output()
	if err != nil {
		return nil, fmt.Errorf("unpack: %w (is xz installed?)", err)
	}
	return image, nil
}
