/**
 * Search expressions: `{AWS/ApiGateway,ApiName} MetricName="Count" NOT ApiName="old"`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
import { validation } from '../faults.ts';
import type { SeriesName } from '../series-rows.ts';

export type Matches = (series: SeriesName) => boolean;

const TOKEN = /\s*(?:(\()|(\))|((?:[A-Za-z0-9_]+|"[^"]*"):?=)|"([^"]*)"|([^\s()"]+))/y;

/** Throws ValidationError. */
export function compileSearch(text: string): Matches {
  const schema = /^\s*\{([^}]*)\}/.exec(text);
  const parser = new SearchParser(text.slice(schema?.[0].length ?? 0));
  const terms = parser.all();
  const [namespace, ...dimensions] = (schema?.[1] ?? '')
    .split(',')
    .map((part) => part.trim().replace(/^"|"$/g, ''));
  return (series) => {
    if (schema !== null && (series.namespace !== namespace || !hasExactly(series, dimensions))) return false;
    return terms(series);
  };
}

const hasExactly = ({ dimensions }: SeriesName, names: readonly string[]): boolean =>
  dimensions.length === names.length && names.every((name) => dimensions.some(([known]) => known === name));

type Token = { readonly kind: 'open' | 'close' | 'name' | 'exact' | 'word' | 'end'; readonly text: string };

class SearchParser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = searchTokens(text);
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  all(): Matches {
    const found = this.#either();
    if (this.#next.kind !== 'end')
      throw validation(`Invalid search expression: unexpected "${this.#next.text}"`);
    return found;
  }

  #isWord(word: string): boolean {
    return this.#next.kind === 'word' && this.#next.text.toUpperCase() === word;
  }

  #either(): Matches {
    const options = [this.#both()];
    while (this.#isWord('OR')) {
      this.#at++;
      options.push(this.#both());
    }
    return (series) => options.some((matches) => matches(series));
  }

  /** What stands side by side must all hold. */
  #both(): Matches {
    const parts: Matches[] = [];
    while (this.#next.kind !== 'end' && this.#next.kind !== 'close' && !this.#isWord('OR')) {
      if (this.#isWord('AND')) this.#at++;
      else parts.push(this.#one());
    }
    return (series) => parts.every((matches) => matches(series));
  }

  #one(): Matches {
    if (this.#isWord('NOT')) {
      this.#at++;
      const inner = this.#one();
      return (series) => !inner(series);
    }
    const token = this.#next;
    this.#at++;
    if (token.kind === 'open') {
      const inner = this.#either();
      if (this.#next.kind !== 'close') throw validation('Invalid search expression: ")" is missing');
      this.#at++;
      return inner;
    }
    if (token.kind === 'name') return this.#named(token.text);
    if (token.kind === 'exact') return (series) => texts(series).includes(token.text);
    return (series) => texts(series).some((text) => hasParts(text, token.text));
  }

  /** `name=value`, also `name=(a OR b)`. */
  #named(name: string): Matches {
    const valueOf = (series: SeriesName): string | undefined => {
      if (name === 'MetricName') return series.metricName;
      if (name === 'Namespace') return series.namespace;
      return series.dimensions.find(([known]) => known === name)?.[1];
    };
    const value = this.#value();
    return (series) => value(valueOf(series) ?? '');
  }

  #value(): (text: string) => boolean {
    const token = this.#next;
    this.#at++;
    if (token.kind === 'exact') return (text) => text === token.text;
    if (token.kind === 'word') return (text) => hasParts(text, token.text);
    if (token.kind !== 'open') throw validation('Invalid search expression: a value is missing');
    const options: ((text: string) => boolean)[] = [];
    while (this.#next.kind !== 'close') {
      if (this.#next.kind === 'end') throw validation('Invalid search expression: ")" is missing');
      if (this.#isWord('OR')) this.#at++;
      else options.push(this.#value());
    }
    this.#at++;
    return (text) => options.some((holds) => holds(text));
  }
}

function searchTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(source);
    if (found === null) throw validation(`Invalid search expression: unexpected "${source.slice(at)}"`);
    const [, open, close, name, exact, word] = found;
    if (open !== undefined) tokens.push({ kind: 'open', text: open });
    else if (close !== undefined) tokens.push({ kind: 'close', text: close });
    else if (name !== undefined)
      tokens.push({ kind: 'name', text: name.replace(/:?=$/, '').replaceAll('"', '') });
    else if (exact !== undefined) tokens.push({ kind: 'exact', text: exact });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

const texts = ({ namespace, metricName, dimensions }: SeriesName): string[] => [
  namespace,
  metricName,
  ...dimensions.flat(),
];

/** Words are compared by their parts, in any case: `IntegrationLatency` has `integration` and `latency`. */
function hasParts(text: string, wanted: string): boolean {
  const parts = partsOf(text);
  return partsOf(wanted).every((part) => parts.includes(part)) || text.toLowerCase() === wanted.toLowerCase();
}

const partsOf = (text: string): string[] =>
  (text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? []).map((part) => part.toLowerCase());
