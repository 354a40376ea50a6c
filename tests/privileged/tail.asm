; The long tail: what looks at segments, comes in 16 bits, or asks for rights.
@ lar in ring 0
  xor esi, esi
.next:
  mov eax, -1
  lar eax, si
  and eax, 0xfff0ff00
  int 0x31
  add esi, 8
  cmp esi, 0x110
  jne .next
@ lar in ring 0, asked for as ring 3
  mov esi, 3
.next:
  mov eax, -1
  lar ax, si
  int 0x31
  add esi, 8
  cmp esi, 0x113
  jne .next
@ lar in ring 3
  call to_ring3
  mov esi, 3
.next:
  mov eax, -1
  lar eax, si
  and eax, 0xfff0ff00
  int 0x31
  add esi, 8
  cmp esi, 0x113
  jne .next
  int 0x30
@ lsl in ring 0
  xor esi, esi
.next:
  mov eax, 0x77777777
  lsl eax, si
  int 0x31
  add esi, 8
  cmp esi, 0x110
  jne .next
@ lsl in ring 3
  call to_ring3
  mov esi, 3
.next:
  mov eax, 0x77777777
  lsl ax, si
  int 0x31
  add esi, 8
  cmp esi, 0x113
  jne .next
  int 0x30
@ verr and verw in ring 0
  xor esi, esi
.next:
  xor eax, eax
  verr si
  setz al
  verw si
  setz ah
  int 0x31
  add esi, 8
  cmp esi, 0x110
  jne .next
@ verr and verw in ring 3
  call to_ring3
  mov esi, 3
.next:
  xor eax, eax
  verr si
  setz al
  verw si
  setz ah
  int 0x31
  add esi, 8
  cmp esi, 0x113
  jne .next
  int 0x30
@ a local one
  mov eax, 0x78
  lldt ax
  mov esi, 0x0f
  lar eax, si
  and eax, 0xfff0ff00
  int 0x31
  sldt eax
  int 0x31
@ arpl
  mov eax, 0x12345678
  mov ecx, 3
  arpl ax, cx
  int 0x31
  setz al
  int 0x31
  mov dword [PAGE], 0x20003
  mov ecx, 1
  arpl [PAGE], cx
  setz al
  int 0x31
  mov eax, [PAGE]
  int 0x31
@ arpl in ring 3, to a page that cannot be written
  mov dword [PTE], PAGE + 5
  mov ecx, 3
  call to_ring3
  arpl [PAGE], cx
@ arpl that has nothing to change, on such a page
  mov dword [PTE], PAGE + 5
  call to_ring3
  arpl [PAGE], ax
  setz al
  int 0x31
  int 0x30
@ pop from nowhere to nowhere
  mov dword [PTE], 0
  call to_ring3
  mov esp, PAGE
  pop dword [PAGE + 4]
@ pop across two pages, to itself
  mov dword [PAGE + 0xffe], 0x11223344
  mov esp, PAGE + 0xffe
  pop dword [esp - 1]
  mov eax, [PAGE + 0x1001]
  int 0x31
  mov eax, esp
  int 0x31
@ les
  mov dword [PAGE + 0xffd], 0x12345678
  mov word [PAGE + 0x1001], 0x20
  les ebx, [PAGE + 0xffd]
  mov eax, ebx
  int 0x31
  mov eax, es
  int 0x31
@ les of 16 bits
  mov dword [PAGE], 0x00235678
  mov ebx, -1
  o16 les bx, [PAGE]
  mov eax, ebx
  int 0x31
  mov eax, es
  int 0x31
@ lss, and esp with it
  mov dword [PAGE], STACK - 16
  mov word [PAGE + 4], 0x10
  lss esp, [PAGE]
  mov eax, esp
  int 0x31
@ lfs and lgs
  mov dword [PAGE], 5
  mov word [PAGE + 4], 0x40
  lfs eax, [PAGE]
  mov word [PAGE + 4], 3
  lgs ebx, [PAGE]
  mov eax, fs
  int 0x31
  mov eax, gs
  int 0x31
@ lds of what is not present
  mov dword [PAGE], 0
  mov word [PAGE + 4], 0x60
  lds eax, [PAGE]
@ lss of null
  lss eax, [PAGE]
@ lds of code that cannot be read
  mov word [PAGE + 4], 0x70
  lds ebx, [PAGE]
@ les from a page that is not there
  mov dword [PTE + 4], 0
  les ebx, [PAGE + 0xffe]
@ words on the stack
  push word 0x1234
  push word 0x5678
  mov eax, [esp]
  int 0x31
  o16 push ds
  o16 push fs
  mov eax, [esp]
  int 0x31
  o16 pop es
  mov eax, es
  int 0x31
  mov eax, esp
  int 0x31
@ flags of 16 bits
  push dword 0x240cd7
  popfd
  pushfw
  pop ax
  int 0x31
  push word 0x7fd5
  and word [esp], 0xfeff
  popfw
  pushfd
  pop eax
  int 0x31
@ popfw in ring 3
  call to_ring3
  push word 0x3202
  popfw
  pushfd
  pop eax
  int 0x31
  int 0x30
@ iretw
  push word 0x3002
  push word 0x48
  push word iretw_there - 0x100000
  iretw
  nop
iretw_there:
  times 4 nop
  mov eax, 5
  nop
  int 0x31
  int 0x30
@ iretw to an outer ring
  mov dword [0x5000], 0x30cd
  push word 0x23
  push word 0x1234
  push word 0x3002
  push word 0x1b
  push word 0x5000
  iretw
@ far calls of 16 bits
  call word 0xd0:there - 0x100000
there:
  mov eax, esp
  int 0x31
  mov eax, [esp]
  and eax, 0xffff0000
  int 0x31
  int 0x30
@ far calls and jumps by memory
  mov dword [PAGE], by_memory
  mov word [PAGE + 4], 8
  call far [PAGE]
by_memory:
  mov eax, [esp + 4]
  int 0x31
  mov dword [PAGE], by_jump
  mov word [PAGE + 4], 0x40
  jmp far [PAGE]
by_jump:
  mov eax, cs
  int 0x31
  mov word [PAGE], by_word - 0x100000
  mov word [PAGE + 2], 0xd0
  jmp far word [PAGE]
by_word:
  mov eax, cs
  int 0x31
  int 0x30
@ a far jump by memory to data
  mov dword [PAGE], 0
  mov word [PAGE + 4], 0x10
  jmp far [PAGE]
@ retf of 16 bits
  push dword 0
  push word 0x48
  push word ret_there - 0x100000
  o16 retf 4
ret_there:
  times 4 nop
  mov ax, sp
  nop
  int 0x31
  int 0x30
@ storing what is of 16 bits
  mov eax, -1
  str eax
  int 0x31
  mov eax, -1
  str ax
  int 0x31
  mov eax, -1
  sldt eax
  int 0x31
  mov dword [PAGE], -1
  sldt [PAGE]
  mov eax, [PAGE]
  int 0x31
  mov dword [PAGE], -1
  smsw [PAGE]
  mov eax, [PAGE]
  int 0x31
  mov eax, -1
  smsw ax
  int 0x31
@ in ring 3 as well
  call to_ring3
  smsw eax
  and eax, 0xffff
  int 0x31
  str eax
  int 0x31
  int 0x30
@ lmsw cannot turn protection off
  mov eax, 0xfff8
  lmsw ax
  mov eax, cr0
  int 0x31
  mov eax, 0x10
  lmsw ax
  mov eax, cr0
  int 0x31
@ a table of 24 bits
  mov word [PAGE], 0x1234
  mov dword [PAGE + 2], 0x89abcdef
  o16 lidt [PAGE]
  sidt [PAGE + 8]
  mov eax, [PAGE + 10]
  lidt [idtr]
  int 0x31
@ privileged: lldt of a page that is not there
  mov dword [PTE], 0
  call to_ring3
  lldt [PAGE]
@ privileged: lmsw
  call to_ring3
  lmsw ax
@ privileged: wbinvd
  call to_ring3
  wbinvd
@ privileged: invd
  call to_ring1
  invd
@ privileged: rdmsr
  call to_ring3
  rdmsr
@ privileged: wrmsr
  call to_ring3
  wrmsr
@ caches there are not
  wbinvd
  invd
@ strings to a port
  mov esi, words
  mov ecx, 5
  mov edx, 0xe9
  rep outsb
  mov eax, ecx
  int 0x31
@ strings to a port without a right
  call to_ring3
  mov esi, words
  mov ecx, 5
  mov edx, 0xe9
  rep outsb
@ strings to a port, no times
  call to_ring3
  mov edx, 0xe9
  mov ecx, 0
  rep outsb
  int 0x30
@ strings from a port to a page that is not there
  mov dword [PTE + 4], 0
  mov edi, PAGE + 0xffc
  mov edx, 0x1234
  mov ecx, 2
  rep insd
@ strings from a port nobody has
  mov edi, PAGE
  mov edx, 0x1234
  mov ecx, 2
  std
  rep insw
  mov eax, [PAGE]
  int 0x31
  mov eax, edi
  sub eax, PAGE
  int 0x31
@ enter, with a page missing for the frames
  mov dword [PTE], 0
  call to_ring3
  mov esp, PAGE + 0x1008
  mov ebp, PAGE + 0x1800
  enter 0, 4
@ enter, with a page missing for the room
  mov dword [PTE], 0
  call to_ring3
  mov esp, PAGE + 0x1100
  mov ebp, 0x1234
  enter 0x200, 0
@ enter, copying from a page that is not there
  mov dword [PTE], 0
  mov ebp, PAGE + 0x1004
  enter 0, 3
@ leave by a page that is not there
  mov dword [PTE], 0
  mov ebp, PAGE
  leave
@ bound, outside
  mov dword [PAGE], 3
  mov dword [PAGE + 4], 5
  mov eax, 4
  bound eax, [PAGE]
  mov eax, 6
  bound eax, [PAGE]
@ cmpxchg8b needs to write, whatever is there
  mov dword [PTE], PAGE + 5
  call to_ring3
  mov eax, 1
  cmpxchg8b [PAGE]
@ cmpxchg as well
  mov dword [PTE], PAGE + 5
  call to_ring3
  mov eax, 1
  cmpxchg [PAGE], ebx
@ popad across, the second missing
  mov dword [PTE + 4], 0
  call to_ring3
  mov esp, PAGE + 0xff0
  popad
@ pop to where nothing is
  push dword 1
  mov dword [PTE], 0
  pop dword [PAGE]
@ nop touches nothing
  mov dword [PTE], 0
  nop dword [PAGE]
  mov eax, 1
  int 0x31
@ xlat through fs
  mov eax, 0x23
  mov fs, eax
  mov ebx, words
  mov eax, 2
  fs xlatb
  int 0x31
  jmp words_end
words: db "words"
words_end:
  nop
@ aam of zero
  mov eax, 0x1234
  aam 0
@ into
  mov eax, 0x7fffffff
  inc eax
  into
