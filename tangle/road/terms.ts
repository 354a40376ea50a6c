// The glossary: a list of terms with their meanings. Where a term is introduced
// is computed: where it stands in italics first, on the road or else in a side
// quest. A term of several meanings says the chapter of each: **frame** (II, …).
import {
  isQuest,
  numeralOf,
  type Book,
  type Chapter,
  type Place,
  type Problem,
} from "../book/chapter.ts";
import { splitLines } from "../book/parse.ts";

/** An entry of the glossary. */
export interface Term {
  name: string;
  /** The chapter that introduces it, as in "II"; undefined: the first that does. */
  chapter: string | undefined;
  /** Of what: "of a segment". */
  about: string;
  meaning: string;
  place: Place;
}

/** Where a term is said in italics, and so explained. */
export interface Introduction {
  chapter: Chapter;
  line: number;
}

const entry =
  /^- \*\*([^*]+)\*\*(?: \(([IVX]+)(?:, ([^)]*))?\))?: (\S.*?)\s*$/u;

/** The entries of a glossary, and the lines that begin like one and are none. */
export function parseGlossary(text: string,
  path: string): { terms: Term[]; problems: Problem[] }
{
  const terms: Term[] = [], problems: Problem[] = [];
  for (const [index, line] of splitLines(text).entries()) {
    if (!line.startsWith("- ")) continue;
    const place = { path, line: index + 1, column: 1 };
    const [found, name = "", chapter, about = "", meaning = ""] =
      entry.exec(line) ?? [];
    if (found) terms.push({ name, chapter, about, meaning, place });
    else {
      const message =
        "this is no entry of the glossary: write - **term**: meaning";
      problems.push({ place, message });
    }
  }
  return { terms, problems };
}

/** The words that a term may stand in the text as: *gate* for **gates**, and the other way round. */
const formsOf = (name: string): string[] => {
  const small = name.toLowerCase();
  return [small, `${small}s`, small.replace(/s$/u, "")];
};

/** Where a term is introduced; undefined: nowhere. The road comes before the side quests. */
export function introductionOf({ name, chapter }: Term, { chapters }: Book):
  | Introduction
  | undefined
{
  const forms = formsOf(name);
  const asked = chapters.filter(({ number }) =>
    chapter === undefined || numeralOf(number) === chapter
  );
  const inOrder = [...asked.filter(({ number }) => !isQuest(number)),
    ...asked.filter(({ number }) => isQuest(number))];
  for (const each of inOrder) {
    const line = phrasesOf(each).find(({ isItalic, words }) =>
      isItalic && forms.includes(words.toLowerCase())
    )?.line;
    if (line !== undefined) return { chapter: each, line };
  }
  return undefined;
}

/** Words of the prose of a chapter, without its code, each with its line. */
interface Phrase {
  words: string;
  isItalic: boolean;
  line: number;
}

const known = new WeakMap<Chapter, Phrase[]>();

function phrasesOf(chapter: Chapter): Phrase[] {
  const phrases = known.get(chapter) ?? readPhrases(chapter);
  known.set(chapter, phrases);
  return phrases;
}

/** What stands in italics is one phrase, also over the end of a line. */
function readPhrases({ tokens }: Chapter): Phrase[] {
  const phrases: Phrase[] = [];
  let line = 1;
  for (const { map, children } of tokens) {
    line = map ? map[0] + 1 : line;
    let italic: Phrase | undefined;
    for (const { type, content } of children ?? []) {
      if (type === "softbreak" || type === "hardbreak") line++;
      if (type === "em_open")
        phrases.push(italic = { words: "", isItalic: true, line });
      if (type === "em_close") italic = undefined;
      if (italic) italic.words += type === "softbreak" ? " " : content;
      else if (type === "text")
        phrases.push({ words: content, isItalic: false, line });
    }
  }
  return phrases;
}

/** So many lines may a word stand before its explanation: in one breath. */
const breath = 12;

/**
 * Where the road speaks of a term before it is introduced: the first place, if there is one. A term of several
 * meanings is not looked for, since the words do not tell which is meant.
 */
export function tooEarly(term: Term, book: Book): Introduction | undefined {
  if (term.chapter !== undefined) return undefined;
  const end = introductionOf(term, book);
  if (!end || isQuest(end.chapter.number)) return undefined;
  const word = new RegExp(`(?<![\\w-])${term.name}s?(?![\\w-])`,
    /^[A-Z]/u.test(term.name) ? "u" : "iu");
  for (const chapter of book.chapters) {
    if (isQuest(chapter.number) || chapter.number > end.chapter.number)
      continue;
    const found = phrasesOf(chapter).find(({ words, line }) =>
      word.test(words)
      && (chapter.number < end.chapter.number || line < end.line - breath)
    );
    if (found) return { chapter, line: found.line };
  }
  return undefined;
}
