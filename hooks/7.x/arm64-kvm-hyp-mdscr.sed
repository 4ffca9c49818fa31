# file: arch/arm64/kvm/hyp/nvhe/hyp-main.c
# reason: under pKVM 7.2 does not tell EL2 the MDSCR_EL1 that a guest's debugger wants, so none of its
#	breakpoints is hit and it takes no step, whatever it is lent. 7.3 does
# expect: +1 -0 or +0 -0
/^static void flush_debug_state\(/,/^\}$/{
	/^\thyp_vcpu->vcpu\.arch\.debug_owner = /{
		N
		N
		s/^((\thyp_vcpu->vcpu\.arch\.)debug_owner = [^\n]*)(\n\n\tif \([^\n]*\))$/\1\n\2external_mdscr_el1 = host_vcpu->arch.external_mdscr_el1;\3/
	}
}
