package knob

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

// configured says whether a kernel was built with an option, as itself or as a
// module that is there. A kernel that keeps its configuration to itself gives an
// error, which means that it could not be found out.
func configured(h host.Host, option string) (bool, error) {
	for _, file := range []string{"proc/config.gz", "boot/config-" + h.Kernel, "lib/modules/" + h.Kernel + "/config"} {
		text, err := h.FS.Read(file)
		if err != nil {
			continue
		}
		if strings.HasSuffix(file, ".gz") {
			text = unzipped(text)
		}
		if strings.Contains(text, "CONFIG_") {
			return strings.Contains(text, "\n"+option+"=y"), nil
		}
	}
	return false, fmt.Errorf("neither proc/config.gz nor boot/config-%s nor lib/modules/%s says whether it has %s", h.Kernel, h.Kernel, option)
}

// unzipped is what can be read: the reader of kernel files takes newlines from the
// end, and a checksum may end in one.
func unzipped(text string) string {
	z, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		return ""
	}
	var plain bytes.Buffer
	io.Copy(&plain, io.LimitReader(z, 4<<20))
	return plain.String()
}
