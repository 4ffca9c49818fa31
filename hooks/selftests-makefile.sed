# file: tools/testing/selftests/Makefile
# reason: the tests are among those that are built and run with all others
# expect: +1 -0
/^TARGETS \+= intel_pstate$/i\
TARGETS += hw_breakpoint
