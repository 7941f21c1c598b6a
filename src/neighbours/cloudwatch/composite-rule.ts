/**
 * Rules of composite alarms: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(arn:...))`, `TRUE`, `FALSE`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
import type { StateValue } from '@aws-sdk/client-cloudwatch';
import { limits } from '../../base/limits.ts';
import { validation } from './faults.ts';

export interface Rule {
  /** Alarms that it names. */
  readonly names: readonly string[];
  readonly holds: (stateOf: (name: string) => StateValue | undefined) => boolean;
}

type Holds = Rule['holds'];

const TOKEN = /\s*(?:([()])|"([^"]*)"|'([^']*)'|([^\s()"']+))/y;

/** Throws ValidationError. */
export function parseRule(text: string): Rule {
  if (text.length > limits.compositeAlarmRuleLength)
    throw validation(`AlarmRule must not be longer than ${limits.compositeAlarmRuleLength} characters.`);
  const parser = new RuleParser(text);
  const holds = parser.whole();
  return { names: [...new Set(parser.names)], holds };
}

class RuleParser {
  readonly names: string[] = [];
  readonly #text: string;
  readonly #tokens: { readonly text: string; readonly quoted: boolean }[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    const source = text.trim();
    TOKEN.lastIndex = 0;
    for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
      const found = TOKEN.exec(source);
      if (found === null) throw this.#wrong();
      const [, mark, double, single, word] = found;
      const quoted = double ?? single;
      this.#tokens.push({ text: mark ?? quoted ?? word ?? '', quoted: quoted !== undefined });
    }
  }

  #wrong(): Error {
    return validation(`AlarmRule expression: ${this.#text} has invalid syntax`);
  }

  #take(...words: readonly string[]): string | undefined {
    const token = this.#tokens[this.#at];
    const word = token?.text.toUpperCase() ?? '';
    if (token === undefined || token.quoted || !words.includes(word)) return undefined;
    this.#at++;
    return word;
  }

  whole(): Holds {
    const holds = this.#either();
    if (this.#at < this.#tokens.length) throw this.#wrong();
    return holds;
  }

  #either(): Holds {
    let left = this.#both();
    while (this.#take('OR') !== undefined) {
      const [before, right] = [left, this.#both()];
      left = (stateOf) => before(stateOf) || right(stateOf);
    }
    return left;
  }

  #both(): Holds {
    let left = this.#one();
    while (this.#take('AND') !== undefined) {
      const [before, right] = [left, this.#one()];
      left = (stateOf) => before(stateOf) && right(stateOf);
    }
    return left;
  }

  #one(): Holds {
    if (this.#take('NOT') !== undefined) {
      const inner = this.#one();
      return (stateOf) => !inner(stateOf);
    }
    if (this.#take('(') !== undefined) {
      const inner = this.#either();
      if (this.#take(')') === undefined) throw this.#wrong();
      return inner;
    }
    if (this.#take('TRUE') !== undefined) return () => true;
    if (this.#take('FALSE') !== undefined) return () => false;
    const state = this.#take('ALARM', 'OK', 'INSUFFICIENT_DATA');
    if (state === undefined || this.#take('(') === undefined) throw this.#wrong();
    const name = this.#name();
    if (this.#take(')') === undefined) throw this.#wrong();
    return (stateOf) => stateOf(name) === state;
  }

  /** A name or an ARN. */
  #name(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined || (!token.quoted && /^[()]$/.test(token.text))) throw this.#wrong();
    const name = token.text.replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
    this.names.push(name);
    return name;
  }
}
