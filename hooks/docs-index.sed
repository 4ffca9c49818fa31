# file: Documentation/core-api/index.rst
# reason: the three pages about hardware breakpoints
# expect: +3 -0
/^   protection-keys$/a\
   hw_breakpoint\
   hw_breakpoint-design\
   hw_breakpoint-arch
