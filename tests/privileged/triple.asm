; The end: a fault, while a double fault was on its way.
@ before
  nop
@ a triple fault
  mov word [IDT + 8 * 8 + 2], 0
  mov word [IDT + 13 * 8 + 2], 0
  mov eax, 0x1000
  mov ds, eax
@ never
  nop
