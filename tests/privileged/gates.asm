; Gates: interrupts, calls, and the ways back.
@ a gate beyond the table
  int 0x40
@ a gate that is none
  mov dword [IDT + 0x20 * 8 + 4], 0x8000
  int 0x20
@ a gate that is not present
  mov dword [IDT + 0x20 * 8 + 4], 0x0010ee00 - 0x8000
  int 0x20
@ a gate that ring 3 may not use
  mov byte [IDT + 0x20 * 8 + 5], 0x8e
  call to_ring3
  int 0x20
@ int3 through one that ring 3 may not use
  mov byte [IDT + 3 * 8 + 5], 0x8e
  call to_ring3
  int3
@ a fault through the same needs no right
  mov byte [IDT + 13 * 8 + 5], 0x8e
  call to_ring3
  hlt
@ a task gate
  mov dword [IDT + 0x20 * 8], 0x00280000
  mov dword [IDT + 0x20 * 8 + 4], 0xe500
  int 0x20
@ a gate to null
  mov word [IDT + 0x20 * 8 + 2], 0
  int 0x20
@ a gate to data
  mov word [IDT + 0x20 * 8 + 2], 0x10
  int 0x20
@ a gate to code beyond the table
  mov word [IDT + 0x20 * 8 + 2], 0x1008
  int 0x20
@ a gate to code that is not present
  mov word [IDT + 0x20 * 8 + 2], 0x90
  int 0x20
@ a gate outward
  mov word [IDT + 0x20 * 8 + 2], 0x18
  int 0x20
@ the same for a fault tells who knocked
  mov word [IDT + 6 * 8 + 2], 0x90
  ud2
@ a gate beyond the limit of its code
  mov word [IDT + 0x20 * 8 + 2], 0xd0
  int 0x20
@ a gate to conforming code stays in ring 3
  mov word [IDT + 0x20 * 8 + 2], 0x40
  mov eax, conforming3
  mov [IDT + 0x20 * 8], ax
  call to_ring3
  int 0x20
conforming3:
  mov eax, cs
  int 0x31
  mov eax, [esp + 4]
  int 0x31
  mov eax, esp
  int 0x31
  int 0x30
@ from ring 1
  call to_ring1
  hlt
@ into ring 1
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov eax, inner1
  mov [IDT + 0x20 * 8], ax
  call to_ring3
  int 0x20
inner1:
  mov eax, esp
  int 0x31
  mov eax, ss
  int 0x31
  mov eax, [esp]
  sub eax, inner1
  int 0x31
  mov eax, [esp + 16]
  int 0x31
  int 0x30
@ the interrupt gate clears what it must
  push dword 0x4702
  popfd
  nop
  int 0x31
  int 0x30
@ a trap gate leaves IF
  mov byte [IDT + 0x20 * 8 + 5], 0xef
  mov eax, trapped
  mov [IDT + 0x20 * 8], ax
  push dword 0x202
  popfd
  int 0x20
trapped:
  pushfd
  pop eax
  int 0x31
  cli
@ the stack of the task is null
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0
  call to_ring3
  int 0x20
@ the stack of the task is beyond the table
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0x1001
  call to_ring3
  int 0x20
@ the stack of the task belongs to ring 0
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0x11
  call to_ring3
  int 0x20
@ the stack of the task asks as ring 0
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0x38
  call to_ring3
  int 0x20
@ the stack of the task is code
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0x31
  call to_ring3
  int 0x20
@ the stack of the task is not present
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0xf1
  call to_ring3
  int 0x20
@ the stack of the task is not to be written
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 16], 0xf9
  call to_ring3
  int 0x20
@ a task that has no room for stacks
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [GDT + 0x28], 0x20000010
  mov dword [GDT + 0x2c], 0x0000891c
  mov eax, 0x28
  ltr ax
  call to_ring3
  int 0x20
@ a call gate, same ring
  push dword 0x22222222
  push dword 0x11111111
  call 0x80:0
@ a call gate from ring 3, with two words
  call to_ring3
  push dword 0x22222222
  push dword 0x11111111
  call 0x83:0
@ and back, dropping them on both sides
  mov dword [returns], 1
  call to_ring3
  push dword 0x33333333
  push dword 0x22222222
  push dword 0x11111111
  call 0x83:0x77777777
  mov eax, esp
  int 0x31
  mov eax, [esp]
  int 0x31
  mov eax, cs
  int 0x31
  mov eax, ds
  int 0x31
  int 0x30
@ a jump through it goes nowhere from ring 3
  call to_ring3
  jmp 0x83:0
@ but in ring 0 it does
  jmp 0x80:0
@ a call gate for ring 0 only
  call to_ring3
  call 0xa3:0
@ asked for as ring 3
  call 0xa3:0
@ a call gate that is not present
  call 0x9b:0
@ a call gate to conforming code stays in ring 3
  mov eax, conforming4
  mov [GDT + 0xa8], ax
  call to_ring3
  call 0xab:0
conforming4:
  mov eax, cs
  int 0x31
  mov eax, [esp + 4]
  int 0x31
  int 0x30
@ a jump through that one
  mov eax, conforming5
  mov [GDT + 0xa8], ax
  call to_ring3
  jmp 0xab:0
conforming5:
  mov eax, cs
  int 0x31
  int 0x30
@ a 16-bit call gate with two words
  call to_ring3
  push word 0x2222
  push word 0x1111
  call 0xb3:0
@ a call gate to null
  mov word [GDT + 0x82], 0
  call 0x80:0
@ a call gate to data
  mov word [GDT + 0x82], 0x10
  call 0x80:0
@ a call gate to code that is not present
  mov word [GDT + 0x82], 0x90
  call 0x80:0
@ a call gate outward
  mov word [GDT + 0x82], 0x18
  call 0x80:0
@ a call gate beyond its code
  mov word [GDT + 0x82], 0xd0
  call 0x80:0
@ a call gate with a bad stack in the task
  mov word [GDT + 0x82], 0x30
  mov dword [TSS + 16], 0x10
  call to_ring3
  call 0x83:0
@ a call gate with a stack that is missing
  mov word [GDT + 0x82], 0x30
  mov dword [TSS + 12], PAGE + 0x1004
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  call 0x83:0
@ a 16-bit interrupt gate
  mov eax, gate_entry
  mov [IDT + 0x20 * 8], ax
  mov dword [IDT + 0x20 * 8 + 4], 0x0000e600
  mov word [IDT + 0x20 * 8 + 2], 0xd0
  call to_ring3
  int 0x20
@ an outer iret
  push dword 0x23
  push dword 0x1b0000
  push dword 0x2d7
  push dword 0x1b
  push dword outer
  iretd
outer:
  int 0x30
@ iret to null
  push dword 2
  push dword 0
  push dword start
  iretd
@ iret to data
  push dword 2
  push dword 0x10
  push dword start
  iretd
@ iret to code that is not present
  push dword 2
  push dword 0x90
  push dword start
  iretd
@ iret beyond the limit
  push dword 2
  push dword 0xd0
  push dword 0x200000
  iretd
@ iret inward
  call to_ring3
  push dword 2
  push dword 0x08
  push dword start
  iretd
@ iret to ring 3 code asked for as ring 0
  push dword 2
  push dword 0x18
  push dword start
  iretd
@ iret outward to a null stack
  push dword 0
  push dword 0x1b0000
  push dword 2
  push dword 0x1b
  push dword start
  iretd
@ iret outward to a stack of ring 0
  push dword 0x10
  push dword 0x1b0000
  push dword 2
  push dword 0x1b
  push dword start
  iretd
@ iret outward to a stack that is not present
  mov dword [GDT + 0x64], 0x00cf7300
  push dword 0x63
  push dword 0x1b0000
  push dword 2
  push dword 0x1b
  push dword start
  iretd
@ iret with its flags in ring 3, IOPL 0
  call to_ring3
  push dword 0x247ed7
  push dword 0x1b
  push dword flags30
  iretd
flags30:
  pushfd
  pop eax
  int 0x31
  int 0x30
@ iret with all flags in ring 0
  push dword 0x247ed7
  push dword 0x08
  push dword flags0
  iretd
flags0:
  pushfd
  pop eax
  cli
  int 0x31
@ popf in ring 0
  push dword 0x247ed7
  popfd
  pushfd
  pop eax
  int 0x31
  cli
@ popf in ring 3, IOPL 0
  call to_ring3
  push dword 0x247ed7
  popfd
  pushfd
  pop eax
  int 0x31
  int 0x30
@ popf in ring 3, IOPL 3
  push dword 0x23
  push dword 0x1b0000
  push dword 0x3002
  push dword 0x1b
  push dword popf33
  iretd
popf33:
  push dword 0x244ed7
  popfd
  pushfd
  pop eax
  cli
  int 0x31
  int 0x30
@ popf in ring 1, IOPL 1
  push dword 0x39
  push dword 0x1a8000
  push dword 0x1002
  push dword 0x31
  push dword popf11
  iretd
popf11:
  push dword 0x3202
  popfd
  pushfd
  pop eax
  cli
  int 0x31
  int 0x30
@ cli in ring 3, IOPL 2
  push dword 0x23
  push dword 0x1b0000
  push dword 0x2002
  push dword 0x1b
  push dword cli32
  iretd
cli32:
  cli
@ popf cannot set VM or RF
  push dword 0x30002
  popfd
  pushfd
  pop eax
  int 0x31
@ popf cannot set VIF or VIP
  push dword 0x180002
  popfd
  pushfd
  pop eax
  int 0x31
@ iret with NT and no task to return to
  push dword 0x4002
  popfd
  iretd
@ iret with NT to data
  mov word [TSS], 0x10
  push dword 0x4002
  popfd
  iretd
@ iret with NT to a local one
  mov word [TSS], 0x0c
  push dword 0x4002
  popfd
  iretd
@ far return outward
  push dword 0x23
  push dword 0x1b0000
  push dword 0x1b
  push dword far3
  retf
far3:
  mov eax, esp
  int 0x31
  int 0x30
@ far return inward
  call to_ring3
  push dword 0x08
  push dword start
  retf
@ far return drops bytes on both stacks
  push dword 0x23
  push dword 0x1b0000
  push dword 9
  push dword 0x1b
  push dword far34
  retf 4
far34:
  mov eax, esp
  int 0x31
  int 0x30
@ ports without a right
  call to_ring3
  in al, 0x60
@ ports with a right
  mov byte [TSS + 0x68 + 0x1d], 0xfc
  call to_ring3
  mov al, "!"
  out 0xe9, al
  int 0x30
@ half a right is none
  mov byte [TSS + 0x68 + 0x1d], 0xfd
  call to_ring3
  out 0xe9, ax
@ no map of ports
  mov word [TSS + 0x66], 0xe8
  mov byte [TSS + 0x68 + 0x1d], 0
  call to_ring3
  out 0xe9, al
@ the map ends early
  mov word [TSS + 0x66], 0xe7 - 0x1d
  call to_ring3
  out 0xe9, al
@ and one byte later
  mov word [TSS + 0x66], 0xe7 - 0x1e
  mov word [TSS + 0xe6], 0
  call to_ring3
  mov al, "!"
  out 0xe9, al
  int 0x30
@ privileged: hlt
  call to_ring3
  hlt
@ privileged: lgdt
  call to_ring3
  lgdt [gdtr]
@ privileged: mov cr0
  call to_ring3
  mov eax, cr0
@ privileged: clts in ring 1
  call to_ring1
  clts
@ privileged: invlpg
  call to_ring3
  invlpg [0]
@ privileged: ltr
  call to_ring3
  ltr ax
@ privileged: mov dr7
  call to_ring3
  mov dr7, eax
@ rdtsc with TSD
  mov eax, 4
  mov cr4, eax
  rdtsc
  call to_ring3
  rdtsc
@ ET is always set
  mov eax, cr0
  and eax, -17
  mov cr0, eax
  mov eax, cr0
  int 0x31
@ a control register that is none
  db 0x0f, 0x20, 0xc8             ; mov eax, cr1
@ a fault while faulting: #NP for #UD is served
  mov byte [IDT + 6 * 8 + 5], 0x0e
  ud2
@ a double fault: #NP for #GP
  mov byte [IDT + 13 * 8 + 5], 0x0e
  mov eax, 0x1000
  mov ds, eax
@ a double fault: #TS for #GP
  mov word [IDT + 13 * 8 + 2], 0x30
  mov dword [TSS + 16], 0x10
  call to_ring3
  hlt
@ a double fault: page fault for page fault
  mov word [IDT + 14 * 8 + 2], 0x30
  mov dword [TSS + 12], PAGE + 0x1000
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  mov eax, [PAGE]
@ a double fault: #NP for a page fault
  mov byte [IDT + 14 * 8 + 5], 0x0e
  and dword [PTE], -2
  invlpg [PAGE]
  mov eax, [PAGE]
@ a page fault for #GP is served
  mov word [IDT + 13 * 8 + 2], 0x30
  mov dword [TSS + 12], PAGE + 0x1000
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  hlt
@ back to life
  nop
