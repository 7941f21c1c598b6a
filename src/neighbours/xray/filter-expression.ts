/**
 * Filter expressions over traces: `service("orders/prod") AND responsetime > 1 AND NOT error`.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
 */
import type { TraceSummary } from '@aws-sdk/client-xray';
import { invalidRequest } from './faults.ts';

export type Filter = (trace: TraceSummary) => boolean;

const TOKEN = /\s*(?:(\()|(\))|"([^"]*)"|(<=|>=|!=|=|<|>|!)|([^\s()"=<>!]+))/y;

interface Token {
  readonly kind: 'open' | 'close' | 'text' | 'operator' | 'word' | 'end';
  readonly text: string;
}

/** Throws InvalidRequestException; keywords that are not there are refused by name. */
export function compileFilter(expression: string): Filter {
  if (expression.trim() === '') return () => true;
  const parser = new FilterParser(expression);
  return parser.whole();
}

class FilterParser {
  readonly #expression: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(expression: string) {
    this.#expression = expression;
    const source = expression.trim();
    TOKEN.lastIndex = 0;
    for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
      const found = TOKEN.exec(source);
      if (found === null) throw this.#wrong();
      const [, open, close, text, operator, word] = found;
      if (open !== undefined) this.#tokens.push({ kind: 'open', text: open });
      else if (close !== undefined) this.#tokens.push({ kind: 'close', text: close });
      else if (text !== undefined) this.#tokens.push({ kind: 'text', text });
      else if (operator !== undefined) this.#tokens.push({ kind: 'operator', text: operator });
      else this.#tokens.push({ kind: 'word', text: word ?? '' });
    }
  }

  #wrong(): Error {
    return invalidRequest(`Invalid filter expression: ${this.#expression}`);
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #word(word: string): boolean {
    if (this.#next.kind !== 'word' || this.#next.text.toUpperCase() !== word) return false;
    this.#at++;
    return true;
  }

  whole(): Filter {
    const filter = this.#either();
    if (this.#next.kind !== 'end') throw this.#wrong();
    return filter;
  }

  #either(): Filter {
    let left = this.#both();
    while (this.#word('OR')) {
      const [before, right] = [left, this.#both()];
      left = (trace) => before(trace) || right(trace);
    }
    return left;
  }

  #both(): Filter {
    let left = this.#one();
    while (this.#word('AND')) {
      const [before, right] = [left, this.#one()];
      left = (trace) => before(trace) && right(trace);
    }
    return left;
  }

  #one(): Filter {
    const { kind, text } = this.#next;
    if (this.#word('NOT') || (kind === 'operator' && text === '!')) {
      if (kind === 'operator') this.#at++;
      const inner = this.#one();
      return (trace) => !inner(trace);
    }
    if (kind === 'open') {
      this.#at++;
      const inner = this.#either();
      this.#close();
      return inner;
    }
    if (kind !== 'word') throw this.#wrong();
    this.#at++;
    if (text.toLowerCase() === 'service') return this.#service();
    const flag = FLAGS[text.toLowerCase()];
    if (flag !== undefined && this.#next.kind !== 'operator') return flag;
    return this.#compared(text);
  }

  #close(): void {
    if (this.#next.kind !== 'close') throw this.#wrong();
    this.#at++;
  }

  /** `service("name")`; braces inside (`{ fault }`) are not there. */
  #service(): Filter {
    if (this.#next.kind !== 'open') throw this.#wrong();
    this.#at++;
    const name = this.#value();
    this.#close();
    if (this.#next.text.startsWith('{'))
      throw invalidRequest('service() { ... } in a filter expression: not supported by gatehouse');
    return ({ ServiceIds = [] }) => ServiceIds.some(({ Name }) => Name === name);
  }

  #value(): string {
    const { kind, text } = this.#next;
    if (kind !== 'text' && kind !== 'word') throw this.#wrong();
    this.#at++;
    return text;
  }

  #compared(keyword: string): Filter {
    const read = reader(keyword);
    if (read === undefined)
      throw invalidRequest(`${keyword} in a filter expression: not supported by gatehouse`);
    const operator =
      this.#next.kind === 'operator' || this.#next.kind === 'word' ? this.#next.text.toUpperCase() : '';
    const holds = COMPARISONS[operator];
    if (holds === undefined) throw this.#wrong();
    this.#at++;
    const wanted = this.#value();
    return (trace) => read(trace).some((value) => holds(value, wanted));
  }
}

const FLAGS: Readonly<Record<string, Filter>> = {
  ok: (trace) => !trace.HasError && !trace.HasFault && !trace.HasThrottle,
  error: (trace) => trace.HasError === true,
  fault: (trace) => trace.HasFault === true,
  throttle: (trace) => trace.HasThrottle === true,
  partial: (trace) => trace.IsPartial === true,
};

type Known = string | number | boolean;

const given = (...values: readonly (Known | undefined)[]): Known[] =>
  values.filter((value): value is Known => value !== undefined);

const KEYWORDS: Readonly<Record<string, (trace: TraceSummary) => Known[]>> = {
  ok: (trace) => [FLAGS['ok']?.(trace) === true],
  error: ({ HasError }) => given(HasError),
  fault: ({ HasFault }) => given(HasFault),
  throttle: ({ HasThrottle }) => given(HasThrottle),
  partial: ({ IsPartial }) => given(IsPartial),
  responsetime: ({ ResponseTime }) => given(ResponseTime),
  duration: ({ Duration }) => given(Duration),
  'http.status': ({ Http }) => given(Http?.HttpStatus),
  'http.url': ({ Http }) => given(Http?.HttpURL),
  'http.method': ({ Http }) => given(Http?.HttpMethod),
  'http.useragent': ({ Http }) => given(Http?.UserAgent),
  'http.clientip': ({ Http }) => given(Http?.ClientIp),
  user: ({ Users = [] }) => Users.flatMap(({ UserName }) => given(UserName)),
  name: ({ ServiceIds = [] }) => ServiceIds.flatMap(({ Name }) => given(Name)),
  type: ({ ServiceIds = [] }) => ServiceIds.flatMap(({ Type }) => given(Type)),
};

function reader(keyword: string): ((trace: TraceSummary) => Known[]) | undefined {
  const annotation = /^annotation(?:\.(.+)|\[(.+)\])$/.exec(keyword);
  const name = annotation?.[1] ?? annotation?.[2];
  if (name === undefined) return KEYWORDS[keyword.toLowerCase()];
  return ({ Annotations = {} }) =>
    (Annotations[name] ?? []).flatMap(({ AnnotationValue: value }) =>
      given(value?.StringValue, value?.NumberValue, value?.BooleanValue),
    );
}

const COMPARISONS: Readonly<Record<string, (value: Known, wanted: string) => boolean>> = {
  '=': (value, wanted) => String(value) === wanted || (typeof value === 'number' && value === Number(wanted)),
  '!=': (value, wanted) => String(value) !== wanted,
  '<': (value, wanted) => Number(value) < Number(wanted),
  '<=': (value, wanted) => Number(value) <= Number(wanted),
  '>': (value, wanted) => Number(value) > Number(wanted),
  '>=': (value, wanted) => Number(value) >= Number(wanted),
  CONTAINS: (value, wanted) => String(value).includes(wanted),
  BEGINSWITH: (value, wanted) => String(value).startsWith(wanted),
  ENDSWITH: (value, wanted) => String(value).endsWith(wanted),
};
