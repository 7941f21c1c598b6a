/** Regular expressions that users of an API wrote: matched in linear time, so that none can hold the server. */
import { RE2JS } from 're2js';

/** Ours: compiled patterns kept. */
const KEPT = 500;
const compiled = new Map<string, RE2JS>();

/** Whether the pattern is found anywhere in the text. Throws Error where it is no pattern, or asks for what RE2 lacks. */
export function isFound(pattern: string, text: string): boolean {
  let known = compiled.get(pattern);
  if (known === undefined) {
    known = RE2JS.compile(pattern);
    if (compiled.size >= KEPT) compiled.clear();
    compiled.set(pattern, known);
  }
  return known.matcher(text).find();
}
