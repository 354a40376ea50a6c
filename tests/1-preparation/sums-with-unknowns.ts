// Chapter I: what can be calculated before everything is known.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  isOpen,
  parseExpression,
  term,
  type Value,
} from "../../tangled/assembler/expressions.ts";
import { cursorOn } from "../../tangled/assembler/tokens.ts";
import { messageOf } from "../tools.ts";

const sums = suite("Sums with unknowns");

const symbols = new Map([["table", term(".text", 64n)], ["copy.again",
  term(".text", 8n)]]);

function worth(text: string): Value {
  const c = { ...cursorOn(text), scope: "copy" };
  return parseExpression(c)((name) => symbols.get(name) ?? term("?"));
}

const shown = (text: string): string => {
  const { number, terms } = worth(text);
  return [number, ...[...terms].map(([name, n]) => `${n} ${name}`)].join(" + ");
};

sums("bind as tightly as one is used to, and have 64 bits", () => {
  assert.is(shown("2 + 3 * 4 - 6 / 2"), "11");
  assert.is(shown("(2 + 3) * -4"), "-20");
  assert.is(shown("1 << 4 + 1"), "32");
  assert.is(shown("~0"), "-1");
  assert.is(shown("1 << 63"), String(-(2n ** 63n)));
  assert.is(shown("0x1F + 0b101 + 1_000"), "1036");
  assert.is(shown("'ELF' - 'E'"), String(0x464c00));
});

sums("calculate around what is not known", () => {
  assert.is(shown("table + ecx*4"), "64 + 1 .text + 4 ecx");
  assert.is(shown("table + 8 - table"), "8");
  assert.is(shown("table - .again"), "56");
  assert.is(shown("3 * (EBX - 2) - ebx"), "-6 + 2 ebx");
  assert.ok(isOpen(worth("later + 1")));
  assert.ok(isOpen(worth("(later - table) * 2")));
});

sums("say what they cannot do", () => {
  const wrong = (text: string): string => messageOf(() => worth(text));
  assert.match(wrong("table / 2"), "/ works on numbers");
  assert.match(wrong("5 / (3 - 3)"), "division by zero");
  assert.match(wrong("0x"), "0x is no number");
  assert.match(wrong("(1"), "put ) before the end of the line");
  assert.match(wrong("1 +"), "put a number or a name before the end");
  assert.match(wrong("'abcdefghi'"), "is too long for a number");
});

sums.run();
