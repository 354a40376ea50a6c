; Every access byte there is, a character for each: "." if it is good, else the
; vector, and "!" if the error code is not the selector. 40 and 80 to 8f, and so on:
; sixteen types of the system, sixteen of programs, by ring, absent, present.
@ mov ds in ring 0
  call sweep
  mov eax, 0x100
  mov ds, eax
  jmp sweep_ok
@ mov ds in ring 0 as ring 3
  call sweep
  mov eax, 0x103
  mov ds, eax
  jmp sweep_ok
@ mov ds in ring 3
  call sweep
  call to_ring3
  mov eax, 0x100
  mov ds, eax
  int 0x32
  jmp sweep_ok
@ mov ds in ring 1
  call sweep
  call to_ring1
  mov eax, 0x101
  mov ds, eax
  int 0x32
  jmp sweep_ok
@ mov ss in ring 0
  call sweep
  mov eax, 0x100
  mov ss, eax
  jmp sweep_ok
@ mov ss in ring 3
  call sweep
  call to_ring3
  mov eax, 0x103
  mov ss, eax
  int 0x32
  jmp sweep_ok
@ lldt
  call sweep
  mov eax, 0x100
  lldt ax
  jmp sweep_ok
@ ltr
  call sweep
  mov eax, 0x100
  ltr ax
  jmp sweep_ok
@ jmp far in ring 0
  call sweep
  test byte [byte], 0x10
  jz sweep_on
  jmp 0x100:sweep_ok
@ jmp far in ring 3
  call sweep
  test byte [byte], 0x10
  jz sweep_on
  call to_ring3
  jmp 0x103:jumped3
jumped3:
  int 0x32
  jmp sweep_ok
@ call far in ring 3 as ring 0
  call sweep
  test byte [byte], 0x10
  jz sweep_on
  call to_ring3
  call 0x100:jumped3
@ iret within ring 0
  call sweep
  push dword 2
  push dword 0x100
  push dword sweep_ok
  iretd
@ iret from ring 0 to ring 3
  call sweep
  push dword 0x23
  push dword STACK3
  push dword 2
  push dword 0x103
  push dword jumped3
  iretd
@ iret from ring 3 to ring 3
  call sweep
  call to_ring3
  push dword 2
  push dword 0x103
  push dword jumped3
  iretd
@ iret from ring 3 as ring 0
  call sweep
  call to_ring3
  push dword 2
  push dword 0x100
  push dword jumped3
  iretd
@ iret from ring 0 to a stack of ring 3
  call sweep
  push dword 0x103
  push dword STACK3
  push dword 2
  push dword 0x1b
  push dword jumped3
  iretd
@ retf from ring 0 to ring 1
  call sweep
  push dword 0x39
  push dword STACK3
  push dword 0x101
  push dword jumped3
  retf
@ into code by int from ring 3
  call sweep
  mov word [IDT + 0x20 * 8 + 2], 0x100
  mov eax, jumped3
  mov [IDT + 0x20 * 8], ax
  call to_ring3
  int 0x20
@ the stack of ring 1 by int from ring 3
  call sweep
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov eax, jumped3
  mov [IDT + 0x20 * 8], ax
  mov dword [TSS + 16], 0x101
  call to_ring3
  int 0x20
@ into code by a call gate from ring 3
  call sweep
  mov word [GDT + 0x82], 0x100
  mov eax, jumped3
  mov [GDT + 0x80], ax
  mov byte [GDT + 0x84], 0
  call to_ring3
  call 0x83:0
@ into code by a jump through it from ring 3
  call sweep
  mov word [GDT + 0x82], 0x100
  mov eax, jumped3
  mov [GDT + 0x80], ax
  call to_ring3
  jmp 0x83:0
@ a gate of the IDT from ring 0
  call sweep
  mov dword [expect], 0x102
  mov al, [byte]
  and al, 0x1f
  cmp al, 5
  jb gate0
  cmp al, 8
  jb sweep_on
gate0:
  mov eax, sweep_ok
  mov [IDT + 0x20 * 8], ax
  mov al, [byte]
  mov [IDT + 0x20 * 8 + 5], al
  int 0x20
@ a gate of the IDT from ring 2
  call sweep
  mov dword [expect], 0x102
  mov al, [byte]
  and al, 0x1f
  cmp al, 5
  jb gate3
  cmp al, 8
  jb sweep_on
gate3:
  mov eax, jumped3
  mov [IDT + 0x20 * 8], ax
  mov al, [byte]
  mov [IDT + 0x20 * 8 + 5], al
  mov dword [GDT + 0x30], 0x0000ffff
  mov dword [GDT + 0x34], 0x00cfdb00
  mov dword [GDT + 0x38], 0x0000ffff
  mov dword [GDT + 0x3c], 0x00cfd300
  push dword 0x3a
  push dword STACK3
  push dword 2
  push dword 0x32
  push dword ring2
  iretd
ring2:
  int 0x20
