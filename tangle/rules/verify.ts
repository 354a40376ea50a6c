// What can be wrong between fences: names, files, cycles, experiments.
import { show } from "../book/chapter.ts";
import { findCycles, placeOf } from "./cycles.ts";
import { allFences, openedFiles } from "../tree/expand.ts";
import { suggestion } from "../book/nearest.ts";
import {
  type Book,
  type Chapter,
  type Fence,
  type Place,
  type Problem,
} from "../book/chapter.ts";
import { unreadable } from "../book/parse.ts";
import { alike } from "../book/paths.ts";
import { references } from "../book/references.ts";
import { chunkOf } from "../book/stage.ts";
import { findChunkBorders } from "./chunk-borders.ts";
import { findLeaningProblems } from "./leaning.ts";
import { findNameBorders } from "./name-borders.ts";
import { findSignpostProblems } from "./signposts.ts";

/**
 * Every problem of the book, in the order of its chapters. While one of them
 * cannot be read, nothing is said about what the others miss from it.
 */
export function verify(book: Book): Problem[] {
  const between = unreadable(book).length > 0 ? [] : problemsBetween(book);
  const problems = [...book.problems, ...between];
  const chapter = ({ place }: Problem): number =>
    book.paths.indexOf(place.path);
  return problems.sort((a, b) =>
    chapter(a) - chapter(b) || a.place.line - b.place.line
    || a.place.column - b.place.column
  );
}

function problemsBetween(book: Book): Problem[] {
  const cycles = findCycles(book);
  return [...findChunkProblems(book), ...findFileProblems(book), ...cycles,
    ...book.chapters.flatMap(findExperimentProblems),
    ...findSignpostProblems(book), ...findLeaningProblems(book),
    ...findChunkBorders(book),
    ...(cycles.length > 0 ? [] : findNameBorders(book))];
}

function at(fence: Fence, attribute: string): Place {
  return {
    ...fence.place,
    column: fence.columns[attribute] ?? fence.place.column,
  };
}

function findChunkProblems(book: Book): Problem[] {
  const fences = allFences(book);
  const defined = new Set(fences.flatMap((fence) => chunkOf(fence) ?? []));
  const used = new Set(
    fences.flatMap((fence) => references(fence).map((use) => use.name)),
  );
  return [...findUnknown(fences, defined), ...findUnused(fences, used),
    ...findReplacesNothing(fences)];
}

function findUnknown(fences: Fence[], defined: Set<string>): Problem[] {
  return fences.flatMap((fence) => {
    const unknown = references(fence).filter((use) => !defined.has(use.name));
    return unknown.map((use) => {
      const hint = suggestion(use.name, defined)
        || ": define it, or take the reference out";
      const message = `no chapter defines the chunk "${use.name}"${hint}`;
      return { place: placeOf(use, fence), message, draft: true };
    });
  });
}

/** The first definition of each chunk that is unused. */
function findUnused(fences: Fence[], used: Set<string>): Problem[] {
  const seen = new Set(used);
  return fences.flatMap((fence) => {
    const name = chunkOf(fence);
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    const place = at(fence, fence.chunk === undefined ? "replaces" : "chunk");
    const message = `nothing uses the chunk "${name}": `
      + `refer to it with <<${name}>>, or take it out`;
    return [{ place, message, draft: true }];
  });
}

function findReplacesNothing(fences: Fence[]): Problem[] {
  const before = new Set<string>();
  return fences.flatMap((fence) => {
    const name = fence.replaces;
    const isWrong = name !== undefined && !before.has(name);
    const hint = isWrong
      ? suggestion(name, before) || ": define it first, or write chunk=" : "";
    if (chunkOf(fence) !== undefined) before.add(chunkOf(fence)!);
    const message = `there is no chunk "${name}" to replace up to here${hint}`;
    return isWrong ? [{ place: at(fence, "replaces"), message }] : [];
  });
}

/** A file and the fence that opens it. */
interface Opened {
  path: string;
  fence: Fence;
}

function findFileProblems(book: Book): Problem[] {
  const opened = new Map<string, Opened>();
  const problems: Problem[] = [];
  for (const file of openedFiles(book)) {
    const key = alike(file.path);
    const first = opened.get(key);
    if (first) problems.push(secondFence(file, first));
    else opened.set(key, file);
  }
  return [...problems, ...findFoldersThatAreFiles(opened),
    ...findFoldersSpeltTwice(opened)];
}

function secondFence({ path, fence }: Opened, first: Opened): Problem {
  const alike = `, as ${first.path}, which some systems cannot tell apart`;
  const message = `${path} is already opened at ${show(first.fence.place)}`
    + `${first.path === path ? "" : alike}: `
    + "give this fence a chunk name and refer to it there";
  return { place: at(fence, "file"), message };
}

function findFoldersThatAreFiles(opened: Map<string, Opened>): Problem[] {
  return [...opened.values()].flatMap(({ path, fence }) => {
    const clash = foldersOf(path).map((folder) => opened.get(alike(folder)))
      .find((file) => file);
    if (!clash) return [];
    const message =
      `${clash.path} is a file, opened at ${show(clash.fence.place)}, `
      + "and cannot be a folder too: choose another path";
    return [{ place: at(fence, "file"), message }];
  });
}

function findFoldersSpeltTwice(opened: Map<string, Opened>): Problem[] {
  const spelt = new Map<string, string>();
  return [...opened.values()].flatMap(({ path, fence }) =>
    foldersOf(path).flatMap((folder) => {
      const first = spelt.get(alike(folder)) ?? folder;
      spelt.set(alike(folder), first);
      if (first === folder) return [];
      const message =
        `some systems take the folder ${folder} for ${first}, which the chapters `
        + "open too: spell it in one way";
      return [{ place: at(fence, "file"), message }];
    })
  );
}

/** `a/b/c` lies in the folders `a` and `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, count) => parts.slice(0, count + 1).join("/"));
}

function findExperimentProblems(chapter: Chapter): Problem[] {
  return chapter.fences.flatMap((fence, index) => {
    if (fence.run && !chapter.fences[index + 1]?.output) {
      const message =
        "this experiment has no output: let a ```text output fence follow it";
      return [{ place: at(fence, "run"), message }];
    }
    if (fence.output && !chapter.fences[index - 1]?.run) {
      const message =
        "this output belongs to no experiment: put it right after a ```ts run fence";
      return [{ place: at(fence, "output"), message }];
    }
    return [];
  });
}
