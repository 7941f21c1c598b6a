import { reasonOf } from '../../base/fault.ts';
import { compilePattern } from '../../lang/waf/statement.ts';
import { invalidParameter } from './fault.ts';

/** Throws WAFInvalidParameterException for a pattern that the engine cannot match in linear time, or not at all. */
export function checkPattern(pattern: string, field: string): void {
  try {
    compilePattern(pattern);
  } catch (thrown) {
    throw invalidParameter(field, pattern, `The regular expression isn’t valid. ${reasonOf(thrown)}`);
  }
}
