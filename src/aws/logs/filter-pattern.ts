/**
 * CloudWatch Logs' filter patterns: terms, JSON conditions, space-delimited fields or one regular expression.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { compileExpression } from './filter-comparison.ts';
import { compileFieldsPattern } from './filter-fields.ts';
import { compileJsonPattern } from './filter-json.ts';
import { createScanner, invalidPattern } from './filter-scanner.ts';

export interface FilterPattern {
  matches(message: string): boolean;
  /** The values the pattern names, by selector or field name, for TestMetricFilter. */
  extract(message: string): Record<string, string>;
}

const EVERYTHING: FilterPattern = { matches: () => true, extract: () => ({}) };

/** Throws `Fault` for a pattern AWS would refuse. */
export function compileFilterPattern(pattern: string | undefined): FilterPattern {
  const text = (pattern ?? '').trim();
  if (text === '') return EVERYTHING;
  if (text.startsWith('{')) return compileJsonPattern(text);
  if (text.startsWith('[')) return compileFieldsPattern(text);
  return compileTerms(text);
}

type Term = (message: string) => boolean;

/** Every plain term, no `-term`, and, where there are any, at least one `?term`. */
function compileTerms(text: string): FilterPattern {
  const scanner = createScanner(text);
  const all: Term[] = [];
  const none: Term[] = [];
  const any: Term[] = [];
  while (!scanner.done()) {
    const group = scanner.take('?') ? any : scanner.take('-') ? none : all;
    group.push(readTerm(scanner));
  }
  // Seen on AWS: next to plain terms, optional ones do not restrict.
  const optional = all.length === 0 && any.length > 0 ? any : undefined;
  return {
    matches: (message) =>
      all.every((term) => term(message)) &&
      !none.some((term) => term(message)) &&
      (optional?.some((term) => term(message)) ?? true),
    extract: () => ({}),
  };
}

function readTerm(scanner: ReturnType<typeof createScanner>): Term {
  const expression = scanner.match(/%[^%]+%/);
  if (expression !== undefined) return compileExpression(expression.slice(1, -1));
  const quoted = scanner.match(/"(?:[^"\\]|\\[^])*"/);
  const term = quoted?.slice(1, -1).replace(/\\([^])/g, '$1') ?? scanner.match(/[^\s"]+/);
  if (term === undefined || term === '') throw invalidPattern();
  return (message) => message.includes(term);
}
