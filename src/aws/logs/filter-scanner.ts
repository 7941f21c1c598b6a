/** Reads a filter pattern from left to right. */
import { invalidParameter } from './fault.ts';

export interface Scanner {
  readonly done: () => boolean;
  /** Takes the text when it comes next, spaces skipped; case matters not for words. */
  readonly take: (text: string) => boolean;
  readonly expect: (text: string) => void;
  /** Takes what the expression matches here; undefined when it does not. */
  readonly match: (expression: RegExp) => string | undefined;
}

export const invalidPattern = (): ReturnType<typeof invalidParameter> =>
  invalidParameter('Invalid filter pattern');

export function createScanner(text: string): Scanner {
  let at = 0;
  const skip = () => {
    while (at < text.length && /\s/.test(text.charAt(at))) at++;
  };
  const take = (word: string): boolean => {
    skip();
    if (text.slice(at, at + word.length).toUpperCase() !== word.toUpperCase()) return false;
    at += word.length;
    return true;
  };
  return {
    done: () => {
      skip();
      return at >= text.length;
    },
    take,
    expect: (word) => {
      if (!take(word)) throw invalidPattern();
    },
    match: (expression) => {
      skip();
      const sticky = new RegExp(expression.source, 'y');
      sticky.lastIndex = at;
      const found = sticky.exec(text)?.[0];
      if (found !== undefined) at += found.length;
      return found;
    },
  };
}
