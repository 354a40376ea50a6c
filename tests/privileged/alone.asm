; What QEMU cannot be asked: it goes to real mode, or stands still.
@ reserved bits of cr4
  mov eax, 0x800
  mov cr4, eax
@ PG without PE
  mov eax, 0x80000010
  mov cr0, eax
@ NW without CD
  mov eax, 0xa0010011
  mov cr0, eax
@ a step of hlt
  push dword 0x102
  popfd
  hlt
