package knob

import "regexp"

// forbidden says why a setting below /proc/sys is not an experiment's to change;
// empty where it is. What is listed can't be put back, can stop the machine, or
// changes who may do what on it.
func forbidden(name string) string {
	for _, f := range forbiddenNames {
		if f.name.MatchString(name) {
			return f.why
		}
	}
	return ""
}

const (
	stops     = "it can stop the machine"
	final     = "it can't be set back before the next boot"
	guards    = "it guards the machine against its own processes"
	runs      = "the kernel would run what it names"
	isAnAct   = "it makes the kernel do something, and holds no level"
	spreads   = "it changes other settings too, which writing it back does not restore"
	countsOn  = "it is a count of the kernel's own, not a setting"
	nameOf    = "it is the name or the identity of the machine"
	switching = "it and its neighbours switch each other"
)

var forbiddenNames = []struct {
	name *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`panic`), stops}, // kernel.panic*, kernel.*_panic, vm.panic_on_oom, fs.xfs.panic_mask
	{regexp.MustCompile(`^kernel\.(oops_limit|warn_limit|max_rcu_stall_to_panic|sysrq|ctrl-alt-del|tainted)$`), stops},
	{regexp.MustCompile(`^kernel\.(modules_disabled|kexec_load_disabled|kexec_load_limit_.*|unprivileged_bpf_disabled|dmesg_restrict)$`), final},
	{regexp.MustCompile(`^kernel\.(yama|apparmor.*|keys|loadpin)\.`), guards},
	{regexp.MustCompile(`^kernel\.(kptr_restrict|unprivileged_userns_clone|unprivileged_userns_apparmor_policy|seccomp.*|io_uring_group)(\..*)?$`), guards},
	{regexp.MustCompile(`^vm\.(mmap_min_addr|memfd_noexec)$`), guards},
	{regexp.MustCompile(`^fs\.(suid_dumpable|protected_.*|verity\..*)$`), guards},
	{regexp.MustCompile(`^kernel\.(core_pattern|core_pipe_limit|modprobe|hotplug|poweroff_cmd|usermodehelper\..*|cad_pid|init_.*)$`), runs},
	{regexp.MustCompile(`^fs\.binfmt_misc\.`), runs},
	{regexp.MustCompile(`^vm\.(compact_memory|stat_refresh)$`), isAnAct},
	{regexp.MustCompile(`^net\.ipv[46]\.route\.flush$`), isAnAct},
	{regexp.MustCompile(`^kernel\.(firmware_config\..*|acct|real-root-dev|ftrace_.*|traceoff_on_warning|tracepoint_printk)$`), isAnAct},
	{regexp.MustCompile(`^net\.ipv4\.ip_forward$|^net\.ipv[46]\.conf\.(all|default)\.`), spreads},
	{regexp.MustCompile(`^net\.ipv6\..*disable_ipv6$`), spreads}, // every address goes
	{regexp.MustCompile(`^kernel\.(ns_last_pid|msg_next_id|sem_next_id|shm_next_id)$|^kernel\.random\.`), countsOn},
	{regexp.MustCompile(`^kernel\.(hostname|domainname|osrelease|ostype|version|arch)$`), nameOf},
	{regexp.MustCompile(`^kernel\.(watchdog|nmi_watchdog|soft_watchdog)$`), switching},
	{regexp.MustCompile(`^vm\.nr_hugepages_mempolicy$`), "it is another name of nr_hugepages: use nr-hugepages"},
	{regexp.MustCompile(`^sunrpc\.|^debug\.|^dev\.`), "it belongs to a driver"},
}
