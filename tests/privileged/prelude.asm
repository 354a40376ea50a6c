; What all the kernels here share: an ELF and a multiboot header, tables that
; are made anew for every check, and one handler that tells what happened.
; A line "@ words" in a kernel begins a check: tests/privileged.ts makes it
; "print the words, and if anything happens, say what, and go on at the next".
bits 32
org 0x100000
GDT equ 0x1c0000
IDT equ 0x1c1000
TSS equ 0x1c2000
LDT equ 0x1c4000
DIRECTORY equ 0x200000
TABLE equ 0x201000
STACK equ 0x180000          ; where checks run
STACK0 equ 0x190000         ; what the TSS has for ring 0
STACK1 equ 0x1a0000
STACK3 equ 0x1b0000
PAGE equ 0x280000           ; pages to play with
PTE equ TABLE + 0x280 * 4

  db 0x7f, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
  dw 2, 3
  dd 1, start, 52, 0, 0
  dw 52, 32, 1, 0, 0, 0
  dd 1, 0, 0x100000, 0x100000, file_end - 0x100000, file_end - 0x100000, 7, 4096
  dd 0x1badb002, 0, -0x1badb002

start:
  mov esp, STACK
  mov al, 0xff              ; no interrupts from outside
  out 0x21, al
  out 0xa1, al
  call prepare
  jmp 0x08:flat
flat:
  mov eax, 0x10
  mov ss, eax
  mov ds, eax
  mov es, eax
  mov fs, eax
  mov gs, eax
  mov eax, DIRECTORY
  mov cr3, eax
  mov eax, 0x80010011       ; PG, WP, ET, PE
  mov cr0, eax
  jmp first

; Makes GDT, IDT, TSS, LDT, page tables and registers what they were.
prepare:
  cld
  mov esi, gdt
  mov edi, GDT
  mov ecx, (gdt_end - gdt) / 4
  rep movsd
  mov eax, gate_entry       ; all gates lead there
  mov [GDT + 0x80], ax
  mov [GDT + 0x98], ax
  mov [GDT + 0xa0], ax
  mov [GDT + 0xa8], ax
  mov [GDT + 0xb0], ax
  mov esi, ldt
  mov edi, LDT
  mov ecx, 8
  rep movsd
  mov edi, IDT
  mov ebx, stubs
  mov ecx, 64
.gate:
  mov eax, ebx
  and eax, 0xffff
  or eax, 0x80000
  stosd
  mov eax, ebx
  and eax, 0xffff0000
  or eax, 0xee00
  stosd
  add ebx, 5
  dec ecx
  jnz .gate
  mov edi, TSS
  mov ecx, 26
  xor eax, eax
  rep stosd
  mov dword [TSS + 4], STACK0
  mov dword [TSS + 8], 0x10
  mov dword [TSS + 12], STACK1
  mov dword [TSS + 16], 0x39
  mov word [TSS + 0x66], 0x68
  mov edi, TSS + 0x68
  mov ecx, 32
  mov eax, 0xffffffff
  rep stosd
  mov edi, TABLE
  mov eax, 7
.page:
  stosd
  add eax, 0x1000
  cmp eax, 0x400007
  jne .page
  mov dword [DIRECTORY], TABLE + 7
  mov dword [DIRECTORY + 4], 0
  mov edi, PAGE
  mov ecx, 0x4000
  xor eax, eax
  rep stosd
  mov dr7, eax
  mov dr0, eax
  mov dr1, eax
  mov cr4, eax
  mov [steps], eax
  mov [guard], eax
  mov [returns], eax
  mov [quiet], eax
  mov eax, 0xffff0ff0
  mov dr6, eax
  lgdt [gdtr]
  lidt [idtr]
  xor eax, eax
  lldt ax
  mov ax, 0x28
  ltr ax
  ret

; Says the words at esi; what happens from here on leads to edi.
begin:
  push esi
  push edi
  call prepare
  pop edi
  pop esi
  mov [resume], edi
  mov eax, [esp]
  mov [body], eax
  mov eax, cr3
  mov cr3, eax
  call say
  xor eax, eax
  mov ebx, eax
  mov ecx, eax
  mov edx, eax
  mov esi, eax
  mov edi, eax
  mov ebp, eax
  ret

; The end of a check, in whatever state.
finish:
  pop ebx
  jmp 0x08:.home
.home:
  mov eax, 0x10
  mov ss, eax
  mov esp, STACK
  push dword 2
  popfd
  mov ds, eax
  mov es, eax
  mov fs, eax
  mov gs, eax
  mov al, 10
  out 0xe9, al
  jmp ebx

; Goes to ring 3, or 1, behind the call, with a stack of its own.
to_ring3:
  pop eax
  push dword 0x23
  push dword STACK3
  push dword 2
  push dword 0x1b
  push eax
  mov eax, 0x23
  mov ds, eax
  mov es, eax
  xor eax, eax
  iretd
to_ring1:
  pop eax
  push dword 0x39
  push dword 0x1a8000
  push dword 2
  push dword 0x31
  push eax
  xor eax, eax
  iretd

say:
  lodsb
  test al, al
  jz .end
  out 0xe9, al
  jmp say
.end:
  ret

; Prints al and a space before it; cl digits of ebx.
letter:
  push eax
  mov al, " "
  out 0xe9, al
  pop eax
  out 0xe9, al
  ret
hex16:
  mov cl, 4
  shl ebx, 16
  jmp digits
hex8:
  mov cl, 2
  shl ebx, 24
  jmp digits
hex32:
  mov cl, 8
digits:
  rol ebx, 4
  mov al, bl
  and al, 15
  add al, "0"
  cmp al, "9"
  jbe .out
  add al, 39
.out:
  out 0xe9, al
  dec cl
  jnz digits
  ret

stubs:
  times 64 call common

; On the stack: behind the stub, error code if any, eip, cs, flags, esp, ss.
common:
  push ds
  push es
  pushad
  mov eax, 0x10
  mov ds, eax
  mov es, eax
  cld
  mov ebp, esp
  mov eax, [ebp + 40]
  sub eax, stubs + 5
  xor edx, edx
  mov ecx, 5
  div ecx
  lea edi, [ebp + 44]
  mov [vector], eax
  cmp eax, 0x31
  je printing
  cmp eax, 0x32
  je promotion
  cmp dword [quiet], 0
  jne tersely
  mov al, "#"
  call letter
  mov ebx, [vector]
  call hex8
  mov eax, [vector]
  mov ecx, 0x27d00
  cmp eax, 32
  jae .frame
  bt ecx, eax
  jnc .frame
  mov al, "e"
  call letter
  mov ebx, [edi]
  call hex16
  add edi, 4
.frame:
  mov [frame], edi
  mov al, "+"
  call letter
  mov ebx, [edi]
  sub ebx, [body]
  call hex16
  mov al, "c"
  call letter
  mov ebx, [edi + 4]
  call hex16
  mov al, "f"
  call letter
  mov ebx, [edi + 8]
  and ebx, 0x277700
  call hex32
  test dword [edi + 4], 3
  jz .same
  mov al, "s"
  call letter
  mov ebx, [edi + 16]
  call hex16
  mov al, "p"
  call letter
  mov ebx, [edi + 12]
  call hex32
.same:
  cmp dword [vector], 14
  jne .notpage
  mov al, "@"
  call letter
  mov ebx, cr2
  call hex32
.notpage:
  cmp dword [vector], 1
  jne .leave
  mov eax, 0
  mov dr7, eax
  mov al, "d"
  call letter
  mov ebx, dr6
  call hex16
  mov eax, 0xffff0ff0
  mov dr6, eax
  mov eax, [guard]
  mov dr7, eax
  cmp dword [steps], 0
  je .leave
  dec dword [steps]
  or dword [edi + 8], 0x10000
  jmp back
.leave:
  mov eax, 0x10
  mov ss, eax
  mov esp, STACK
  jmp dword [resume]

; In a sweep: a digit for the vector, and one more if the error is not the one
; that was to be expected. Then on with the next.
tersely:
  mov ebx, [vector]
  mov cl, 1
  shl ebx, 28
  call digits
  mov ebx, [edi]
  cmp ebx, [expect]
  je sweep_on
  mov al, "!"
  out 0xe9, al
  jmp sweep_on

; Begins a sweep: the code behind the call runs for each access byte of the
; descriptor 100, and says sweep_ok if it comes through.
sweep:
  mov eax, [resume]
  mov [after], eax
  pop eax
  mov [resume], eax
  mov dword [quiet], 1
  mov dword [byte], 0
  mov dword [expect], 0x100
  jmp sweep_next
sweep_ok:
  mov eax, 0x10
  mov ds, eax
  mov al, "."
  out 0xe9, al
sweep_on:
  inc dword [byte]
sweep_next:
  mov eax, 0x10
  mov ss, eax
  mov esp, STACK
  mov ds, eax
  mov es, eax
  push dword 2
  popfd
  mov eax, [byte]
  cmp eax, 256
  je sweep_end
  mov dword [GDT + 0x100], 0x0000ffff
  mov dword [GDT + 0x104], 0x00cf0000
  mov [GDT + 0x105], al
  jmp dword [resume]
sweep_end:
  mov dword [quiet], 0
  jmp dword [after]

; int 0x31 prints eax, in any ring.
printing:
  mov al, "="
  call letter
  mov ebx, [ebp + 28]
  call hex32
back:
  popad
  pop es
  pop ds
  add esp, 4
  iretd

; Behind the call gates. Tells where it is, and what is on the stack. In a
; segment that begins at 1 MB, if the gate is of 16 bits; so no jumps to far.
gate_entry:
  mov eax, esp
  mov edi, 0x10
  mov ds, edi
  mov [frame], eax
  mov al, "c"
  call letter
  mov ebx, cs
  call hex16
  mov al, "s"
  call letter
  mov ebx, ss
  call hex16
  mov al, "p"
  call letter
  mov ebx, esp
  call hex32
  mov ebp, 0
gate_word:
  mov al, "="
  call letter
  mov ebx, [esp + ebp * 4]
  call hex32
  inc ebp
  cmp ebp, 6
  jne gate_word
  cmp dword [returns], 0
  je gate_leave
  retf 8
gate_leave:
  jmp 0x08:gate_flat
gate_flat:
  mov eax, 0x10
  mov ss, eax
  mov esp, STACK
  jmp dword [resume]

; int 0x32 makes its caller ring 0.
promotion:
  mov edx, [edi]
  mov eax, 0x10
  mov ss, eax
  mov esp, STACK
  mov eax, [ebp + 28]
  jmp edx

align 4
gdtr:
  dw gdt_end - gdt - 1
  dd GDT
idtr:
  dw 64 * 8 - 1
  dd IDT
resume: dd 0
body: dd 0
vector: dd 0
frame: dd 0
steps: dd 0
guard: dd 0
returns: dd 0
quiet: dd 0
byte: dd 0
expect: dd 0
after: dd 0

align 8
gdt:
  dd 0, 0
  dd 0x0000ffff, 0x00cf9b00   ; 08 code, ring 0
  dd 0x0000ffff, 0x00cf9300   ; 10 data, ring 0
  dd 0x0000ffff, 0x00cffb00   ; 18 code, ring 3
  dd 0x0000ffff, 0x00cff300   ; 20 data, ring 3
  dd 0x200000e7, 0x0000891c   ; 28 the TSS at 0x1c2000
  dd 0x0000ffff, 0x00cfbb00   ; 30 code, ring 1
  dd 0x0000ffff, 0x00cfb300   ; 38 data, ring 1
  dd 0x0000ffff, 0x00cf9f00   ; 40 conforming code
  dd 0x0000ffff, 0x000f9b10   ; 48 16-bit code at 0x100000, 1 MB
  dd 0x0000ffff, 0x0000f31d   ; 50 16-bit stack at 0x1d0000, ring 3
  dd 0x00000fff, 0x00409700   ; 58 down from 4 GB to 0x1000
  dd 0x0000ffff, 0x00cf1300   ; 60 data, not present
  dd 0x0000ffff, 0x00cf9100   ; 68 data, read-only
  dd 0x0000ffff, 0x00cf9900   ; 70 code, not readable
  dd 0x4000001f, 0x0000821c   ; 78 the LDT at 0x1c4000
  dd 0x00080000, 0x0010ec02 ; 80 call gate, two words
  dd 0x0000000f, 0x00409328   ; 88 sixteen bytes at 0x280000
  dd 0x0000ffff, 0x00cf1b00   ; 90 code, not present
  dd 0x00080000, 0x00106c00 ; 98 call gate, not present
  dd 0x00080000, 0x00108c00 ; a0 call gate, ring 0
  dd 0x00400000, 0x0010ec00 ; a8 call gate to conforming code
  dd 0x00d00000, 0x0000e402 ; b0 16-bit call gate, two words
  dd 0x0000ffff, 0x00cf9200   ; b8 data, not yet accessed
  dd 0x000000ff, 0x0040f328   ; c0 a stack of 256 bytes, ring 3
  dd 0x00000fff, 0x00009700   ; c8 down from 64 KB to 0x1000
  dd 0x0000ffff, 0x004f9b10   ; d0 32-bit code at 0x100000, 1 MB
  dd 0x0000ffff, 0x00cf9a00   ; d8 code, not yet accessed
  dd 0x0000ffff, 0x00cffb00   ; e0 code, ring 3, in a row of its own
  dd 0x0000ffff, 0x00cff200   ; e8 data, ring 3, not yet accessed
  dd 0x0000ffff, 0x00cf3300   ; f0 data, ring 1, not present
  dd 0x0000ffff, 0x00cfb100   ; f8 data, ring 1, read-only
  dd 0, 0                     ; 100 for sweeps
gdt_end:
ldt:
  dd 0, 0
  dd 0x0000ffff, 0x00cff300   ; 0f data, ring 3
  dd 0x0000ffff, 0x00cf9300   ; 14 data, ring 0
  dd 0x0000ffff, 0x00cffb00   ; 1f code, ring 3
