package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
)

var _ = register(provided(Knob{
	Name:  "netem",
	Doc:   "a network namespace of the workload's own, its loopback with delay and loss; none for without",
	Allow: "none, or one or more of delay=TIME, jitter=TIME, loss=SHARE (delay=10ms,loss=0.1%)",
	Try:   "netem=delay=5ms",
	Note:  "each packet is held on its way out, so a round trip by the loopback takes twice the delay; the workload sees no other network at any level but default",
}, resource.Network, networkSupport))

func networkSupport(level string, h host.Host) error {
	if !h.FS.Exists("proc/self/ns/net") {
		return unsupported("this kernel has no network namespaces (CONFIG_NET_NS)")
	}
	if level == resource.None || h.FS.Exists("sys/module/sch_netem") {
		return nil
	}
	return driver(h, "sch_netem", "CONFIG_NET_SCH_NETEM")
}
