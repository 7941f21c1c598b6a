/** `@aws-appsync/utils/rds`: statements for the Data API. https://docs.aws.amazon.com/appsync/latest/devguide/built-in-modules-js.html#built-in-rds-modules */

type Raw = Readonly<Record<string, unknown>>;
type Dialect = 'pg' | 'mysql';

interface Statements {
  readonly statements: string[];
  readonly variableMap: Record<string, unknown>;
  readonly variableTypeHintMap: Record<string, string>;
}

export function createStatement(dialect: Dialect, given: readonly unknown[]): Statements {
  if (given.length < 1 || given.length > 2) throw new Error('one or two statements are allowed');
  const writer = new Writer(dialect);
  for (const statement of given) writer.made.statements.push(writer.statement(statement as Raw));
  return writer.made;
}

class Writer {
  readonly made: Statements = { statements: [], variableMap: {}, variableTypeHintMap: {} };
  private readonly quote: string;

  constructor(dialect: Dialect) {
    this.quote = dialect === 'pg' ? '"' : '`';
  }

  statement(raw: Raw | string): string {
    if (typeof raw === 'string') return raw;
    switch (raw['__sql']) {
      case 'raw':
        return this.template(raw['text'] as readonly string[] | string, raw['given'] as readonly unknown[]);
      case 'select':
        return this.select(raw);
      case 'insert':
        return this.insert(raw);
      case 'update':
        return `UPDATE ${this.name(raw['table'])} SET ${this.assignments(raw['values'] as Raw)}${this.where(raw['where'])}${this.returning(raw)}`;
      case 'remove':
        return `DELETE FROM ${this.name(raw['table'])}${this.where(raw['where'])}${this.returning(raw)}`;
      default:
        throw new Error('this is no statement of the rds module');
    }
  }

  private template(text: readonly string[] | string, given: readonly unknown[]): string {
    if (typeof text === 'string') return text;
    return text.map((part, at) => (at < given.length ? `${part}${this.value(given[at])}` : part)).join('');
  }

  private select(raw: Raw): string {
    const columns = (raw['columns'] as readonly unknown[] | undefined) ?? ['*'];
    const order = (raw['orderBy'] as readonly { column: string; dir?: string }[] | undefined) ?? [];
    const ordered = order.map(
      ({ column, dir = 'ASC' }) => `${this.name(column)} ${dir.toUpperCase() === 'DESC' ? 'DESC' : 'ASC'}`,
    );
    const from = raw['table'] ?? raw['from'];
    return [
      `SELECT ${columns.map((column) => this.column(column)).join(', ')} FROM ${this.name(from)}`,
      this.where(raw['where']),
      ordered.length > 0 ? ` ORDER BY ${ordered.join(', ')}` : '',
      raw['limit'] === undefined ? '' : ` LIMIT ${this.value(raw['limit'])}`,
      raw['offset'] === undefined ? '' : ` OFFSET ${this.value(raw['offset'])}`,
    ].join('');
  }

  private insert(raw: Raw): string {
    const entries = Object.entries(raw['values'] as Raw);
    const names = entries.map(([name]) => this.name(name)).join(', ');
    return `INSERT INTO ${this.name(raw['table'])} (${names}) VALUES (${entries.map(([, value]) => this.value(value)).join(', ')})${this.returning(raw)}`;
  }

  private returning(raw: Raw): string {
    const list = raw['returning'];
    if (!Array.isArray(list)) return '';
    return ` RETURNING ${list.map((name) => this.column(name)).join(', ')}`;
  }

  private assignments(values: Raw): string {
    return Object.entries(values)
      .map(([name, value]) => `${this.name(name)} = ${this.value(value)}`)
      .join(', ');
  }

  private where(where: unknown): string {
    return where === undefined ? '' : ` WHERE ${this.condition(where as Raw)}`;
  }

  private condition(where: Raw): string {
    if (where['__sql'] === 'raw') return this.statement(where);
    const parts = Object.entries(where).map(([name, tests]) => {
      if (name === 'and' || name === 'or')
        return `(${(tests as Raw[]).map((each) => this.condition(each)).join(name === 'and' ? ' AND ' : ' OR ')})`;
      if (name === 'not') return `NOT (${this.condition(tests as Raw)})`;
      return Object.entries(tests as Raw)
        .map(([operator, value]) => this.comparison(name, operator, value))
        .join(' AND ');
    });
    return parts.join(' AND ');
  }

  private comparison(name: string, operator: string, value: unknown): string {
    const column = this.name(name);
    const symbol = COMPARES[operator];
    if (symbol !== undefined) return `${column} ${symbol} ${this.value(value)}`;
    const list = Array.isArray(value) ? value : [value];
    switch (operator) {
      case 'between':
        return `${column} BETWEEN ${this.value(list[0])} AND ${this.value(list[1])}`;
      case 'in':
      case 'notIn':
        return `${column} ${operator === 'in' ? 'IN' : 'NOT IN'} (${list.map((each) => this.value(each)).join(', ')})`;
      case 'contains':
        return `${column} LIKE ${this.value(`%${String(value)}%`)}`;
      case 'notContains':
        return `${column} NOT LIKE ${this.value(`%${String(value)}%`)}`;
      case 'beginsWith':
        return `${column} LIKE ${this.value(`${String(value)}%`)}`;
      case 'attributeExists':
        return `${column} IS ${value === true ? 'NOT ' : ''}NULL`;
      default:
        throw new Error(`Unsupported operator: ${operator}`);
    }
  }

  private column(column: unknown): string {
    if (typeof column !== 'object' || column === null) return column === '*' ? '*' : this.name(column);
    const { __aggregate: aggregate, column: inner } = column as { __aggregate?: string; column?: unknown };
    if (aggregate === undefined) throw new Error('a column must be a name or an aggregate');
    const isDistinct = aggregate.endsWith('Distinct');
    return `${aggregate.replace('Distinct', '').toUpperCase()}(${isDistinct ? 'DISTINCT ' : ''}${this.column(inner)})`;
  }

  private name(name: unknown): string {
    return String(name)
      .split('.')
      .map((part) => `${this.quote}${part.split(this.quote).join(this.quote + this.quote)}${this.quote}`)
      .join('.');
  }

  /** Values never stand in the text. */
  private value(value: unknown): string {
    const place = `:P${Object.keys(this.made.variableMap).length}`;
    const hinted = typeof value === 'object' && value !== null && '__hint' in value;
    const plain = hinted ? (value as { value?: unknown }).value : value;
    this.made.variableMap[place] = plain ?? null;
    if (hinted) this.made.variableTypeHintMap[place] = String((value as { __hint: unknown }).__hint);
    return place;
  }
}

const COMPARES: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '!=',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
};
