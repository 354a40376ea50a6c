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
@ a jump beyond the limit
  jmp 0xd0:near_end - 0x100000
near_end:
  jmp $ + 0x200000
@ a call beyond the limit
  jmp 0xd0:near_call - 0x100000
near_call:
  mov eax, 0x100000
  call eax
@ a model-specific register that is none
  mov ecx, 0x12345
  rdmsr
@ nor to be written
  mov ecx, 0x12345
  wrmsr
@ the clock can be set
  mov ecx, 16
  mov eax, 1000
  mov edx, 77
  wrmsr
  nop
  rdtsc
  int 0x31
  mov eax, edx
  int 0x31
  mov ecx, 16
  rdmsr
  int 0x31
@ the counters count nothing
  mov ecx, 1
  rdpmc
  int 0x31
  mov ecx, 2
  rdpmc
