// Adds what the book's assembler makes of a source to the recorded programs.
import { writeFileSync } from "node:fs";
import { assemble } from "../../../tangled/assembler/assemble.ts";
import { recordedPrograms } from "./programs.ts";

const [source] = process.argv.slice(2);
const bytes = Buffer.from(assemble(source!).bytes).toString("hex");
const programs = { ...recordedPrograms(), [source!]: bytes };
const text = JSON.stringify(programs, null, 1);
writeFileSync("tests/1-preparation/stage/programs.json", `${text}\n`);
console.log(bytes);
