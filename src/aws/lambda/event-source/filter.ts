/**
 * Which records a mapping's function gets to see. Patterns are EventBridge's; several are alternatives.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
import type { FilterCriteria } from '@aws-sdk/client-lambda';
import { compileEventPattern } from '../../../lang/event-pattern/compile.ts';
import { invalidParameter } from '../fault.ts';

/** `record` as the function would get it, its data parsed where it is JSON. */
export type Matches = (record: Readonly<Record<string, unknown>>) => boolean;

/** Everything passes where there are no filters. Throws `Fault` for a pattern that is none. */
export function compileFilters(criteria: FilterCriteria | undefined): Matches {
  const patterns = (criteria?.Filters ?? []).map(({ Pattern = '' }) => compileOne(Pattern));
  if (patterns.length === 0) return () => true;
  return (record) => patterns.some((matches) => matches(record));
}

function compileOne(pattern: string): Matches {
  try {
    return compileEventPattern(pattern);
  } catch {
    // Recorded from AWS: it does not say what is wrong.
    throw invalidParameter('Invalid filter pattern definition.');
  }
}

/** JSON as the value it is; any other text stays text, which only a pattern for text meets. */
export function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
