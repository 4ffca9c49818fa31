# file: tools/perf/tests/tests.h
# reason: perf test of the slots that sysfs tells of; on arm64 signals of breakpoints are tested where
#	the kernel steps over what was hit, which is known when the test runs
# expect: +7 -3
/^DECLARE_SUITE\(wp\);$/a\
DECLARE_SUITE(hwbp);
s/^ \* Since (arm64 has the same issue with arm for the single-step handling), this$/ * \1; the/
s/^ \* case also gets stuck on the breakpointed instruction\.$/ * case gets stuck there, too, unless the kernel steps over it./
s/^(#if .* \|\| defined\(__arm__\)) \|\| defined\(__aarch64__\)$/\1/
/^#define BP_SIGNAL_IS_SUPPORTED 0$/a\
#elif defined(__aarch64__)\
bool bp_signal_is_supported(void);\
#define BP_SIGNAL_IS_SUPPORTED bp_signal_is_supported()
