; Never comes back: the handler's own first instruction has a breakpoint.
@ astray
  mov dword [GDT + 0x54], 0x0000931d ; a stack that goes round and round
  mov eax, 0x50
  mov ss, eax
  mov eax, stubs + 5
  mov dr0, eax
  mov eax, 2
  mov dr7, eax
  int1
