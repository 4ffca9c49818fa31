// file: kernel/debug/gdbstub.c
// reason: gdb takes a stop for a watchpoint's only if the stop reply names it
// expect: +2 -0
@@ @@
  gdb_serial_stub(...)
  {
  <...
  ptr = pack_threadid(ptr, thref);
  *ptr++ = ';';
+ ptr = kgdb_hw_stop_reason(ptr);
  put_packet(remcom_out_buffer);
  ...>
  }

@@ @@
  #include <linux/kgdb.h>
+ #include <linux/kgdb_hw_break.h>
