; Segments: what may be loaded, what may be done with it.
@ null into ds, then used
  mov ds, eax
  mov al, [0]
@ null into ss
  mov ss, eax
@ selector 3 is null as well
  mov eax, 3
  mov es, eax
  mov eax, es
  int 0x31
  mov [es:0], al
@ beyond the table
  mov eax, 0x1000
  mov ds, eax
@ just beyond the table
  mov eax, 0x10b
  mov gs, eax
@ a local one without a local table
  mov eax, 0x0f
  mov fs, eax
@ data that is not present
  mov eax, 0x60
  mov ds, eax
@ a stack that is not present
  mov eax, 0x60
  mov ss, eax
@ a read-only stack
  mov eax, 0x68
  mov ss, eax
@ code as a stack
  mov eax, 0x08
  mov ss, eax
@ a stack of ring 3
  mov eax, 0x20
  mov ss, eax
@ a stack asked for as ring 3
  mov eax, 0x13
  mov ss, eax
@ ring 0 data asked for as ring 3
  mov eax, 0x13
  mov ds, eax
@ code that cannot be read, as data
  mov eax, 0x70
  mov ds, eax
@ a gate as data
  mov eax, 0x80
  mov ds, eax
@ a task as data
  mov eax, 0x28
  mov ds, eax
@ conforming code as data for ring 3
  mov eax, 0x43
  mov ds, eax
  mov eax, ds
  int 0x31
@ write to read-only data
  mov eax, 0x68
  mov ds, eax
  mov eax, [0x280000]
  mov [0x280000], eax
@ write to code
  mov [cs:0x280000], eax
@ add to code
  add [cs:0x280000], eax
@ read code that cannot be read
  jmp 0x70:exec_only
exec_only:
  mov eax, [cs:start]
@ the last byte of a small segment
  mov eax, 0x88
  mov ds, eax
  mov al, [15]
  mov ah, [16]
@ the last word
  mov eax, 0x88
  mov ds, eax
  mov eax, [12]
  mov eax, [13]
@ a write beyond the limit writes nothing
  mov eax, 0x88
  mov ds, eax
  mov dword [13], -1
@ around the end of everything
  mov eax, 0x88
  mov ds, eax
  mov eax, [-1]
@ the small stack, beyond its limit
  call to_ring3
  mov eax, 0xc3
  mov ss, eax
  mov esp, 0x100
  push eax
  mov esp, 0x101
  pop eax
@ the small stack, below zero
  call to_ring3
  mov eax, 0xc3
  mov ss, eax
  mov esp, 2
  push eax
@ down from the top: inside
  mov eax, 0x58
  mov ds, eax
  mov ebx, [0x280000]
  mov ebx, [0x1000]
  int 0x31
  mov ebx, [0xfff]
@ down from 64 KB
  mov eax, 0xc8
  mov ds, eax
  mov eax, [0x1000]
  mov eax, [0xfffc]
  mov eax, [0xfffd]
@ down from 64 KB, too far down
  mov eax, 0xc8
  mov ds, eax
  mov al, [0xfff]
@ a segment is marked when loaded
  mov eax, [GDT + 0xbc]
  int 0x31
  mov eax, 0xb8
  mov ds, eax
  mov eax, [GDT + 0xbc]
  int 0x31
@ and code when entered
  jmp 0xd8:entered
entered:
  mov eax, [GDT + 0xdc]
  int 0x31
@ a refused segment is not marked
  mov dword [GDT + 0xbc], 0x00cf1200
  mov eax, 0xb8
  mov ds, eax
@ pop ds keeps esp on a fault
  push dword 0x60
  pop ds
@ the local table
  mov eax, 0x78
  lldt ax
  mov eax, 0x0f
  mov ds, eax
  mov eax, 0x14
  mov es, eax
  mov eax, [es:start]
  int 0x31
  mov eax, 0x1000 + 4
  mov fs, eax
@ lldt of something else
  mov eax, 0x10
  lldt ax
@ lldt of a local one
  mov eax, 0x0f
  lldt ax
@ a null local table
  xor eax, eax
  lldt ax
  mov eax, 0x0f
  mov ds, eax
@ ltr of the busy task
  mov eax, 0x28
  ltr ax
@ ltr of null
  ltr ax
@ ltr of data
  mov eax, 0x10
  ltr ax
@ ltr of a task that is not present
  mov dword [GDT + 0x2c], 0x0000091c
  mov eax, 0x28
  ltr ax
@ ltr marks it busy
  mov dword [GDT + 0x2c], 0x0000891c
  mov eax, 0x28
  ltr ax
  mov eax, [GDT + 0x2c]
  int 0x31
@ far jump to data
  jmp 0x10:start
@ far jump to null
  jmp 0:start
@ far jump to code that is not present
  jmp 0x90:start
@ far jump to code of ring 3
  jmp 0x18:start
@ far jump beyond the limit
  jmp 0xd0:0x200000
@ far jump to conforming code, asked for as ring 3
  jmp 0x43:conforming
conforming:
  mov eax, cs
  int 0x31
@ far jump to the task gate that is none
  jmp 0x28:0
@ far call with no room for it
  call to_ring3
  mov eax, 0xc3
  mov ss, eax
  mov esp, 4
  call 0x18:start
@ 16-bit code counts in words
  jmp 0x48:narrow - 0x100000
narrow:
  db 0xb8, 0x34, 0x12             ; mov ax, 0x1234
  db 0x66, 0xb8, 0x78, 0x56, 0x34, 0x12 ; mov eax, 0x12345678
  db 0xb0, 0x99                   ; mov al, 0x99
  db 0xcd, 0x31
  db 0x8d, 0x1e, 0xff, 0xff       ; lea bx, [0xffff]
  db 0x67, 0x8d, 0x88, 1, 0, 0, 0 ; lea cx, [eax + 1]
  db 0x66, 0x89, 0xc8             ; mov eax, ecx
  db 0xcd, 0x31
  db 0x66, 0xea                   ; jmp 0x08:wide
  dd wide
  dw 0x08
wide:
  mov eax, ebx
  int 0x31
@ one place, read as 16 and as 32 bits
  mov ebp, 2
again:
  mov eax, 0x11112222
  jmp 0x48:both - 0x100000
again32:
  mov eax, 0x11112222
  jmp 0x08:both
both:
  db 0x05, 0x01, 0x00             ; add ax, 1 ... or add eax, 0x90900001
  db 0x90, 0x90
  int 0x31
  dec ebp
  jz done16
  db 0x66, 0xea                   ; in 16 bits: jmp 0x08:again32
  dd again32
  dw 0x08
done16:
  nop
@ 16-bit code loops, calls and returns
  jmp 0x48:loops - 0x100000
loops:
  db 0xb9, 3, 0                   ; mov cx, 3
  db 0x43, 0xe2, 0xfd             ; inc bx; loop back
  db 0xe8, 2, 0, 0xeb, 8          ; call; jmp over what is called
  db 0x50, 0x66, 0x89, 0xe0       ; push ax; mov eax, esp
  db 0xcd, 0x31, 0x58, 0xc3       ; int 0x31; pop ax; ret
  db 0x66, 0x0f, 0xb7, 0xc3       ; movzx eax, bx
  db 0xcd, 0x31
  db 0x39, 0xdb, 0x0f, 0x84, 1, 0 ; cmp bx, bx; jz over the next
  db 0xcc
  db 0x66, 0x89, 0xe0, 0xcd, 0x31
  db 0x66, 0xea                   ; jmp 0x08:wide2
  dd wide2
  dw 0x08
wide2:
@ 16-bit iret and retf
  jmp 0x48:returns16 - 0x100000
returns16:
  db 0x9c, 0x0e, 0x68             ; pushf; push cs; push word
  dw iret16 - 0x100000
  db 0xcf, 0xcc                   ; iret
iret16:
  db 0x0e, 0x68
  dw retf16 - 0x100000
  db 0xcb, 0xcc                   ; retf
retf16:
  db 0x66, 0x89, 0xe0, 0xcd, 0x31
  db 0x66, 0xea
  dd wide3
  dw 0x08
wide3:
@ a 16-bit stack: only sp moves
  call to_ring3
  mov eax, 0x53
  mov ss, eax
  mov esp, 0x12340006
  push dword 0x55667788
  mov eax, esp
  int 0x31
  pop ecx
  mov eax, esp
  int 0x31
  mov eax, ecx
  int 0x31
  mov ebp, 0x77778000
  leave
  mov eax, esp
  int 0x31
  pushad
  popad
  mov eax, esp
  int 0x31
  int 0x30
@ a 16-bit stack wraps around
  call to_ring3
  mov eax, 0x53
  mov ss, eax
  mov esp, 0xabcd0004
  push dword 1
  push dword 2
  mov eax, esp
  int 0x31
  mov eax, [0x1dfffc]
  int 0x31
  pop ecx
  pop ecx
  mov eax, esp
  int 0x31
  call next16
next16:
  mov eax, esp
  int 0x31
  mov esp, 0x2
  push eax
@ ring 3 loses what it may not have
  mov eax, 0x10
  mov fs, eax
  mov eax, 0x40
  mov gs, eax
  call to_ring3
  mov eax, fs
  int 0x31
  mov eax, gs
  int 0x31
  mov eax, ds
  int 0x31
@ ring 3 loads ring 0 data
  call to_ring3
  mov eax, 0x10
  mov ds, eax
@ ring 3 loads conforming code
  call to_ring3
  mov eax, 0x43
  mov ds, eax
  mov eax, ds
  int 0x31
@ ring 3 marks a segment in a table it cannot read
  mov dword [TABLE + 0x1c0 * 4], 0x1c0003
  mov eax, cr3
  mov cr3, eax
  call to_ring3
  mov eax, 0xeb
  mov fs, eax
  int 0x32
  mov ebx, 0x10
  mov ds, ebx
  mov eax, [GDT + 0xec]
  int 0x31
