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
@ iret to the virtual 8086
  push dword 0x20002
  push dword 0x08
  push dword start
  iretd
@ cpuid has DE and PGE, and no PSE
  mov eax, 1
  cpuid
  mov eax, edx
  and eax, 0x200c
  int 0x31
@ a step of hlt
  push dword 0x102
  popfd
  hlt
