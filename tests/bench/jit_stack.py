# SPDX-License-Identifier: GPL-2.0
"""Which instructions of a way load from or store to the program's own stack, through whatever pointer that goes."""

from jit_bpf import CALL, EXIT, LOAD_64, is_own_call

LOAD, STORE_NUMBER, STORE, ALU_64 = 1, 2, 3, 7
MOVE, ADD_NUMBER, ADD, SUBTRACT, LOAD_WORD, STORE_WORD = 0xbf, 0x07, 0x0f, 0x1f, 0x79, 0x7b
UNKNOWN = None # where in a frame


class Stack:
    """What is known of registers, and of what was put aside: None, or (frame, place in it)."""

    def __init__(self):
        self.registers, self.kept, self.callers = [None] * 10 + [(0, 0)], {}, []

    def moved(self, pointer, by):
        return pointer and (pointer[0], UNKNOWN if by is UNKNOWN or pointer[1] is UNKNOWN else pointer[1] + by)

    def calculate(self, insn):
        registers = self.registers
        if insn.code == MOVE:
            return registers[insn.src]
        if insn.code == ADD_NUMBER:
            return self.moved(registers[insn.dst], insn.imm)
        if insn.code in (ADD, SUBTRACT):
            return self.moved(registers[insn.dst] or (insn.code == ADD and registers[insn.src]) or None, UNKNOWN)
        return None

    def call(self):
        self.callers.append(self.registers)
        self.registers = self.registers[:6] + [None] * 4 + [(len(self.callers), 0)]

    def leave(self):
        if self.callers:
            self.registers = self.callers.pop()
            self.registers[:6] = [None] * 6

    def take(self, insn):
        """Goes past an instruction. Whether it is to the stack: what it names; or, of a call, the key of a look-up."""
        kind, registers = insn.code & 7, self.registers
        if insn.code == CALL:
            has_key = registers[2] is not None
            if is_own_call(insn):
                self.call()
            else:
                registers[:6] = [None] * 6
            return has_key
        if insn.code == EXIT:
            self.leave()
        elif kind == LOAD:
            base = self.moved(registers[insn.src], insn.off)
            registers[insn.dst] = self.kept.get(base) if insn.code == LOAD_WORD else None
            return base is not None
        elif kind in (STORE_NUMBER, STORE):
            base = self.moved(registers[insn.dst], insn.off)
            if base:
                self.kept[base] = registers[insn.src] if insn.code == STORE_WORD else None
            return base is not None
        elif insn.code == LOAD_64 or kind in (4, ALU_64):
            registers[insn.dst] = self.calculate(insn) if kind == ALU_64 else None
        return False


def of_stack(insns, way):
    stack = Stack()
    return {n for n in way if stack.take(insns[n])}
