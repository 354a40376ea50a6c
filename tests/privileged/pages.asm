; Pages: who may do what, which bits are set, what lies across two of them.
@ a page that is not there
  and dword [PTE], -2
  invlpg [PAGE]
  mov eax, [PAGE + 0x123]
@ a table that is not there
  mov eax, [0x400000]
@ a write to it, from ring 3
  call to_ring3
  mov [0x400004], eax
@ a page of the kernel's, from ring 3
  and dword [PTE], -5
  invlpg [PAGE]
  call to_ring3
  mov eax, [PAGE]
@ a directory of the kernel's
  and dword [DIRECTORY], -5
  mov eax, cr3
  mov cr3, eax
  call to_ring3
  nop
@ a read-only page, from ring 3
  and dword [PTE], -3
  invlpg [PAGE]
  call to_ring3
  mov eax, [PAGE]
  mov [PAGE], eax
@ a read-only page, from ring 0 with WP
  and dword [PTE], -3
  invlpg [PAGE]
  mov [PAGE], eax
@ a read-only page, from ring 0 without WP
  and dword [PTE], -3
  mov eax, 0x80000011
  mov cr0, eax
  mov dword [PAGE], 0x1234
  mov eax, [PTE]
  int 0x31
  mov eax, 0x80010011
  mov cr0, eax
  mov [PAGE], eax
@ reading marks a page as accessed
  and dword [PTE], -0x61
  invlpg [PAGE]
  mov eax, [PAGE]
  mov eax, [PTE]
  int 0x31
@ writing marks it as dirty
  mov [PAGE], eax
  mov eax, [PTE]
  int 0x31
@ and the directory as accessed
  mov eax, [DIRECTORY]
  int 0x31
@ reading first, then writing
  and dword [PTE], -0x61
  invlpg [PAGE]
  mov eax, [PAGE]
  inc dword [PAGE]
  mov eax, [PTE]
  int 0x31
@ a refused write does not make it dirty
  mov dword [PTE], 0x280005
  invlpg [PAGE]
  mov dword [resume], after_dirty
  mov [PAGE], eax
after_dirty:
  mov eax, [PTE]
  int 0x31
@ add to a read-only page does not make it dirty
  mov dword [PTE], 0x280005
  invlpg [PAGE]
  mov dword [resume], after_add
  add [PAGE], eax
after_add:
  mov eax, [PTE]
  int 0x31
@ a compare makes nothing dirty
  and dword [PTE], -0x61
  invlpg [PAGE]
  cmp [PAGE], eax
  mov eax, [PTE]
  int 0x31
@ a table that points nowhere is accessed
  mov dword [DIRECTORY + 4], 0x202007
  mov dword [0x202000], 0
  mov eax, cr3
  mov cr3, eax
  mov dword [resume], after_nowhere
  mov eax, [0x400000]
after_nowhere:
  mov eax, [DIRECTORY + 4]
  int 0x31
@ across two pages, the second missing: nothing is written
  and dword [PTE + 4], -2
  invlpg [PAGE + 0x1000]
  mov dword [resume], after_cross
  mov dword [PAGE + 0xffe], 0x11223344
after_cross:
  mov eax, [PAGE + 0xffc]
  int 0x31
@ across two pages, the first missing
  and dword [PTE], -2
  invlpg [PAGE]
  mov dword [resume], after_cross2
  mov dword [PAGE + 0xffe], 0x11223344
after_cross2:
  mov eax, [PAGE + 0x1000]
  int 0x31
@ across two pages, the second read-only
  and dword [PTE + 4], -3
  invlpg [PAGE + 0x1000]
  mov dword [resume], after_cross3
  add dword [PAGE + 0xffd], 0x11223344
after_cross3:
  mov eax, [PAGE + 0xffc]
  int 0x31
@ across two pages that are not neighbours
  mov dword [PTE + 4], 0x285007
  invlpg [PAGE + 0x1000]
  mov dword [PAGE + 0xffe], 0x11223344
  mov eax, [PAGE + 0x5000]
  int 0x31
  mov eax, [PAGE + 0xffe]
  int 0x31
@ an instruction across two pages, the second missing
  mov byte [PAGE + 0xfff], 0xb8
  and dword [PTE + 4], -2
  invlpg [PAGE + 0x1000]
  mov eax, PAGE + 0xfff
  mov [body], eax
  jmp eax
@ pushing across, the second missing
  and dword [PTE], -2
  invlpg [PAGE]
  mov eax, 0x12345678
  call to_ring3
  mov esp, PAGE + 0x1002
  push eax
@ pushad across, the second missing
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  mov esp, PAGE + 0x1010
  pushad
@ popad across, the second missing
  and dword [PTE + 4], -2
  invlpg [PAGE + 0x1000]
  call to_ring3
  mov esp, PAGE + 0xff0
  popad
@ a call whose stack is missing
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  mov esp, PAGE + 0x1000
  call start
@ pop into a missing page keeps esp
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  pop dword [PAGE]
@ xchg with a missing page
  and dword [PTE], -2
  invlpg [PAGE]
  xchg eax, [PAGE]
@ a string that runs into a missing page
  and dword [PTE + 4], -2
  invlpg [PAGE + 0x1000]
  mov dword [resume], after_string
  mov edi, PAGE + 0xff0
  mov ecx, 100
  mov al, 0x5a
  rep stosb
after_string:
  mov eax, [PAGE + 0xffc]
  int 0x31
@ and says how far it came
  and dword [PTE + 4], -2
  invlpg [PAGE + 0x1000]
  mov edi, PAGE + 0xff0
  mov ecx, 100
  mov dword [IDT + 14 * 8], 0x00080000
  mov eax, far_string
  mov [IDT + 14 * 8], ax
  rep stosb
far_string:
  mov eax, ecx
  int 0x31
  mov eax, edi
  int 0x31
@ a frame whose stack is missing
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 12], PAGE + 0x1000
  and dword [PTE], -2
  invlpg [PAGE]
  call to_ring3
  int 0x20
@ an inner stack across two pages, the lower missing
  mov word [IDT + 0x20 * 8 + 2], 0x30
  mov dword [TSS + 12], PAGE + 0x1008
  and dword [PTE], -2
  invlpg [PAGE]
  mov dword [PAGE + 0x1004], 0x5555
  mov dword [resume], after_frame
  call to_ring3
  int 0x20
after_frame:
  mov eax, [PAGE + 0x1004]
  int 0x31
@ the TLB remembers until told
  mov eax, [PAGE]
  mov dword [PTE], 0x283007
  mov dword [PAGE + 0x3000], 0x33333333
  invlpg [PAGE]
  mov eax, [PAGE]
  int 0x31
@ without PGE, cr3 forgets a global page
  mov dword [PTE], 0x280107
  mov eax, [PAGE]
  mov dword [PTE], 0x283007
  mov dword [PAGE + 0x3000], 0x33333333
  mov eax, cr3
  mov cr3, eax
  mov eax, [PAGE]
  int 0x31
@ with PGE it does not
  mov eax, 0x80
  mov cr4, eax
  mov dword [PAGE + 0x3000], 0x33333333
  mov dword [PTE], 0x280107
  invlpg [PAGE]
  inc dword [PAGE]
  mov dword [PTE], 0x283007
  mov eax, cr3
  mov cr3, eax
  mov eax, [PAGE]
  int 0x31
@ but invlpg does
  mov eax, 0x80
  mov cr4, eax
  mov dword [PAGE + 0x3000], 0x33333333
  mov dword [PTE], 0x280107
  invlpg [PAGE]
  mov eax, [PAGE]
  mov dword [PTE], 0x283007
  invlpg [PAGE]
  mov eax, [PAGE]
  int 0x31
@ and so does a change of PGE
  mov eax, 0x80
  mov cr4, eax
  mov dword [PAGE + 0x3000], 0x33333333
  mov dword [PTE], 0x280107
  invlpg [PAGE]
  mov eax, [PAGE]
  mov dword [PTE], 0x283007
  mov eax, 0
  mov cr4, eax
  mov eax, [PAGE]
  int 0x31
@ code in a global page that is written to
  mov eax, 0x80
  mov cr4, eax
  mov dword [PTE], 0x280107
  invlpg [PAGE]
  mov dword [PAGE], 0x9090c340
  mov eax, PAGE
  call eax
  mov eax, cr3
  mov cr3, eax
  mov dword [PAGE], 0x90c34040
  mov eax, PAGE
  call eax
  sub eax, PAGE
  int 0x31
