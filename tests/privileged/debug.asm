; Debugging: single steps and breakpoints.
@ single steps
  mov dword [steps], 3
  push dword 0x102
  popfd
  nop
  inc eax
  nop
  nop
@ popf that ends it is stepped once more
  mov dword [steps], 9
  push dword 2
  push dword 0x102
  popfd
  popfd
  nop
  nop
@ iret begins it behind itself
  mov dword [steps], 1
  push dword 0x102
  push dword 0x08
  push dword step_iret
  iretd
step_iret:
  inc eax
  inc eax
@ in ring 3
  mov dword [steps], 1
  push dword 0x23
  push dword 0x1b0000
  push dword 0x102
  push dword 0x1b
  push dword step3
  iretd
step3:
  nop
  nop
@ loading ss hides a step
  mov dword [steps], 2
  mov ecx, ss
  push dword 0x102
  popfd
  mov ss, ecx
  nop
  nop
  nop
@ int is not a step
  mov dword [steps], 1
  push dword 0x102
  popfd
  int 0x31
  nop
  nop
@ nor is a fault
  push dword 0x102
  popfd
  ud2
@ a repetition is many
  mov dword [steps], 3
  mov edi, PAGE
  mov ecx, 3
  push dword 0x102
  popfd
  rep stosb
  nop
  nop
@ sti does not hide one
  mov dword [steps], 1
  push dword 0x102
  popfd
  sti
  cli
  nop
@ a breakpoint
  mov eax, break1
  mov dr0, eax
  mov eax, 2
  mov dr7, eax
  nop
break1:
  nop
@ passed with RF
  mov eax, break2
  mov dr1, eax
  mov eax, 8
  mov dr7, eax
  mov [guard], eax
  mov dword [steps], 1
  mov ecx, 2
break2:
  inc ebx
  loop break2
  int 0x30
@ at an instruction that faults
  mov eax, break3
  mov dr2, eax
  mov eax, 0x20
  mov dr7, eax
  mov [guard], eax
  mov dword [steps], 1
break3:
  ud2
@ hidden behind mov ss
  mov eax, break4
  mov dr3, eax
  mov eax, 0x80
  mov dr7, eax
  mov ecx, ss
  mov ss, ecx
break4:
  nop
  int 0x30
@ not in the middle of an instruction
  mov eax, break5 + 1
  mov dr0, eax
  mov eax, 2
  mov dr7, eax
break5:
  mov eax, 5
  int 0x30
@ a variable written
  mov eax, PAGE + 4
  mov dr0, eax
  mov eax, 0x000d0002
  mov dr7, eax
  mov eax, [PAGE + 4]
  mov [PAGE + 8], eax
  mov [PAGE], eax
  mov [PAGE + 7], al
  nop
@ a variable touched
  mov eax, PAGE + 4
  mov dr1, eax
  mov eax, 0x00f00008
  mov dr7, eax
  mov eax, [PAGE + 1]
  nop
@ a byte of it
  mov eax, PAGE + 5
  mov dr1, eax
  mov eax, 0x00300008
  mov dr7, eax
  mov eax, [PAGE + 1]
  mov al, [PAGE + 6]
  mov al, [PAGE + 5]
  nop
@ a word across two pages
  mov eax, PAGE + 0x1000
  mov dr3, eax
  mov eax, 0x70000080
  mov dr7, eax
  mov dword [PAGE + 0xffc], 1
  mov dword [PAGE + 0xffe], 1
  nop
@ two at once
  mov eax, PAGE
  mov dr0, eax
  mov dr2, eax
  mov eax, 0x0f0d0022
  mov dr7, eax
  inc dword [PAGE]
  nop
@ with a step
  mov eax, PAGE
  mov dr0, eax
  mov eax, 0x000d0002
  mov dr7, eax
  push dword 0x102
  popfd
  mov [PAGE], eax
  nop
@ by push
  mov eax, STACK - 4
  mov dr0, eax
  mov eax, 0x000d0002
  mov dr7, eax
  push eax
  nop
@ by a string
  mov eax, PAGE + 8
  mov dr0, eax
  mov eax, 0x000d0002
  mov dr7, eax
  mov edi, PAGE
  mov ecx, 8
  rep stosd
  nop
@ what faults was not seen
  mov eax, PAGE
  mov dr0, eax
  mov eax, 0x000f0002
  mov dr7, eax
  and dword [PTE + 4], -2
  invlpg [PAGE + 0x1000]
  push dword [PAGE]
@ dr6 and dr7 as written
  xor eax, eax
  mov dr6, eax
  mov eax, dr6
  int 0x31
  mov eax, dr7
  int 0x31
@ dr4 and dr5 are dr6 and dr7
  mov eax, dr4
  int 0x31
  mov eax, dr5
  int 0x31
@ but not with DE
  mov eax, 8
  mov cr4, eax
  mov eax, dr4
@ the guard
  mov eax, 0x2000
  mov dr7, eax
  mov eax, dr0
@ a port with DE
  mov eax, 8
  mov cr4, eax
  mov eax, 0x80
  mov dr0, eax
  mov eax, 0x00020002
  mov dr7, eax
  mov al, "!"
  out 0x80, al
  nop
@ int1 needs no right
  mov byte [IDT + 1 * 8 + 5], 0x8e
  call to_ring3
  int1
@ alignment in ring 3
  mov eax, 0x80050011
  mov cr0, eax
  push dword 0x23
  push dword 0x1b0000
  push dword 0x40002
  push dword 0x1b
  push dword aligned
  mov ecx, 0x23
  mov ds, ecx
  iretd
aligned:
  mov eax, [PAGE + 4]
  mov ax, [PAGE + 2]
  mov al, [PAGE + 1]
  mov eax, [PAGE + 2]
@ alignment of the stack
  mov eax, 0x80050011
  mov cr0, eax
  call to_ring3
  push dword 0x40002
  popfd
  mov esp, 0x1afffe
  push eax
@ alignment in ring 0
  mov eax, 0x80050011
  mov cr0, eax
  push dword 0x40002
  popfd
  mov eax, [PAGE + 1]
  int 0x30
@ alignment without AM
  mov eax, 0x80010011
  mov cr0, eax
  call to_ring3
  push dword 0x40002
  popfd
  mov eax, [PAGE + 1]
  int 0x30
