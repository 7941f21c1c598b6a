/**
 * SQL injection, told by tokens rather than by words: what would change the meaning of a query that the text is put
 * into, bare or between quotes. AWS's detector is a black box; this one follows the idea of libinjection, that an
 * attack has to break out of a value and go on in SQL. LOW wants stronger signs than HIGH, as its page says:
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-sqli-match.html
 */

/** n: number, s: string, w: name, k: keyword, l: AND/OR/..., u: UNION and its kin, o: operator, f: function call, c: comment, ; ( ) , */
interface Token {
  readonly type: string;
  readonly text: string;
}

const LOGIC = new Set([
  'AND',
  'OR',
  'XOR',
  '&&',
  '||',
  'DIV',
  'MOD',
  'RLIKE',
  'REGEXP',
  'LIKE',
  'ILIKE',
  'NOT',
  'IN',
  'BETWEEN',
  'IS',
  'SOUNDS',
]);
const SETS = new Set(['UNION', 'INTERSECT', 'EXCEPT', 'MINUS']);
const STATEMENTS = new Set([
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'DROP',
  'ALTER',
  'CREATE',
  'TRUNCATE',
  'EXEC',
  'EXECUTE',
  'DECLARE',
  'SHUTDOWN',
  'MERGE',
  'REPLACE',
  'CALL',
  'GRANT',
  'REVOKE',
  'WAITFOR',
  'LOAD_FILE',
  'COPY',
  'HANDLER',
  'ATTACH',
  'PRAGMA',
  'BEGIN',
  'IF',
  'SET',
  'RENAME',
]);
const CLAUSES = new Set([
  'FROM',
  'WHERE',
  'HAVING',
  'GROUP',
  'ORDER',
  'LIMIT',
  'OFFSET',
  'INTO',
  'VALUES',
  'TABLE',
  'DATABASE',
  'BY',
  'ALL',
  'DISTINCT',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
  'END',
  'NULL',
  'TRUE',
  'FALSE',
  'EXISTS',
  'PROCEDURE',
  'OUTFILE',
  'DUMPFILE',
  'ASC',
  'DESC',
  'DELAY',
  'TOP',
  'AS',
  'JOIN',
  'ON',
]);
const FUNCTIONS = new Set([
  'SLEEP',
  'BENCHMARK',
  'PG_SLEEP',
  'LOAD_FILE',
  'EXTRACTVALUE',
  'UPDATEXML',
  'CONCAT',
  'CONCAT_WS',
  'GROUP_CONCAT',
  'CHAR',
  'CHR',
  'ASCII',
  'ORD',
  'SUBSTRING',
  'SUBSTR',
  'MID',
  'USER',
  'CURRENT_USER',
  'DATABASE',
  'VERSION',
  'SCHEMA',
  'IF',
  'IFNULL',
  'CAST',
  'CONVERT',
  'COUNT',
  'LENGTH',
  'HEX',
  'UNHEX',
  'MD5',
  'SHA1',
  'RAND',
  'FLOOR',
  'EXP',
  'XP_CMDSHELL',
  'UTL_INADDR',
  'DBMS_PIPE',
  'RANDOMBLOB',
  'MAKE_SET',
  'ELT',
  'JSON_KEYS',
  'ROW_COUNT',
  'SYSTEM_USER',
  'SESSION_USER',
]);
/** Said in a text about anything, these mean nothing; said as calls, they do. */
const STRONG_NAMES =
  /^(information_schema|sysobjects|syscolumns|mysql|pg_catalog|sqlite_master|all_tables|xp_\w+|sp_\w+|@@\w+)$/i;

export function looksLikeSqlInjection(text: string, sensitivity: 'LOW' | 'HIGH'): boolean {
  // The value may stand bare, or between quotes of either kind.
  return ['', "'", '"'].some((quote) => {
    if (quote !== '' && !text.includes(quote)) return false;
    return isAttack(tokensOf(quote + text), quote !== '', sensitivity);
  });
}

const SPACE = /[\s\0]/;
const WORD = /[A-Za-z0-9_$@.\x80-\xff]/;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  // Beyond so many tokens an attack has shown itself, and a long text costs no more than a short one.
  while (at < text.length && tokens.length < 400) {
    const letter = text[at] ?? '';
    const two = text.slice(at, at + 2);
    if (SPACE.test(letter)) at++;
    else if (two === '*/') at += 2;
    else if (two === '/*') at = comment(text, at, tokens);
    else if (two === '--' || letter === '#') at = lineComment(text, at, tokens);
    else if (letter === "'" || letter === '"' || letter === '`') at = quoted(text, at, letter, tokens);
    else if (WORD.test(letter)) at = word(text, at, tokens);
    else if ('();,{}'.includes(letter)) at = push(tokens, letter, letter, at + 1);
    else if (two === '&&' || two === '||') at = push(tokens, 'l', two, at + 2);
    else if (/[=<>!+\-*/%^|&~:]/.test(letter)) at = push(tokens, 'o', letter, at + 1);
    else at = push(tokens, '?', letter, at + 1);
  }
  return tokens;
}

function push(tokens: Token[], type: string, text: string, next: number): number {
  tokens.push({ type, text });
  return next;
}

/** MySQL runs what stands in a comment that begins with an exclamation mark. */
function comment(text: string, at: number, tokens: Token[]): number {
  if (text[at + 2] === '!') return at + 3 + (/^\d{0,6}/.exec(text.slice(at + 3, at + 9))?.[0].length ?? 0);
  const end = text.indexOf('*/', at + 2);
  // Between two words a comment is a space; open to the end it cuts the query off.
  return end === -1 ? push(tokens, 'c', '/*', text.length) : end + 2;
}

function lineComment(text: string, at: number, tokens: Token[]): number {
  const end = text.indexOf('\n', at);
  return push(tokens, 'c', '--', end === -1 ? text.length : end + 1);
}

function quoted(text: string, at: number, quote: string, tokens: Token[]): number {
  let end = at + 1;
  while (end < text.length) {
    if (text[end] === '\\') end += 2;
    else if (text[end] === quote) {
      if (text[end + 1] !== quote) break;
      end += 2;
    } else end++;
  }
  const closed = end < text.length;
  return push(tokens, closed ? 's' : 'S', text.slice(at, end), end + 1);
}

function word(text: string, at: number, tokens: Token[]): number {
  let end = at;
  while (end < text.length && WORD.test(text[end] ?? '')) end++;
  const found = text.slice(at, end);
  return push(tokens, typeOfWord(found, /^[\s\0]*\(/.test(text.slice(end, end + 8))), found, end);
}

function typeOfWord(found: string, called: boolean): string {
  const upper = found.toUpperCase();
  if (/^(?:\d+(?:\.\d*)?(?:e\d+)?|0x[0-9a-f]+|\.\d+)$/i.test(found)) return 'n';
  if (LOGIC.has(upper)) return 'l';
  if (SETS.has(upper)) return 'u';
  if (called && FUNCTIONS.has(upper)) return 'f';
  if (STATEMENTS.has(upper)) return 'E';
  if (CLAUSES.has(upper)) return 'k';
  return STRONG_NAMES.test(found) || found.includes('information_schema') ? 'v' : 'w';
}

/** As one letter a token: patterns over them are short, and linear. */
function isAttack(tokens: readonly Token[], inQuotes: boolean, sensitivity: 'LOW' | 'HIGH'): boolean {
  const shape = tokens.map(({ type }) => (type === '?' ? 'x' : type)).join('');
  if (STACKED.test(shape) || UNION_SELECT.test(shape) || SUBQUERY.test(shape)) return true;
  if (inQuotes ? QUOTED.some((sign) => sign.test(shape)) : BARE_TAUTOLOGY.test(shape)) return true;
  if (CALL.test(shape)) return true;
  if (/^[nsw)]*v/.test(shape) && /[Euk]/.test(shape)) return true;
  if (sensitivity === 'LOW') return false;
  return inQuotes ? HIGH_QUOTED.test(shape) : HIGH_BARE.test(shape);
}

const VALUE = '[nswfvSk]';
/** `; DROP TABLE users` */
const STACKED = /;[({]*E(?:[ks(nfvc]|w+[Ek(])/;
/** `' WAITFOR DELAY '0:0:5'` */
const QUOTED_STATEMENT = /^s\)*E[ks(]/;
/** `UNION ALL SELECT` */
const UNION_SELECT = /u\(*k?\(*E/;
/** `(SELECT ... FROM`, `AND (SELECT` */
const SUBQUERY = /(?:\(|[lo]\(*)E[^;]{0,40}k[wvs(]/;
/** `' OR '1'='1`, `' OR 1=1`, `') OR ('a'='a` */
const QUOTED_TAUTOLOGY = new RegExp(`^s\\)*l+\\(*${VALUE}(?:\\(\\)*)?\\)*(?:[ol]\\(*${VALUE}|c|$)`);
/** `admin'--`, `admin'/*`, `';` followed by a comment */
const QUOTED_CUT = /^s[);]*c/;
const QUOTED = [QUOTED_TAUTOLOGY, QUOTED_CUT, QUOTED_STATEMENT];
/** `1 OR 1=1`, `1) OR (1=1` */
const BARE_TAUTOLOGY = /^[nw]\)*l+\(*[nsfv](?:\)*(?:[ol]+\(*[nswfvS]|c))/;
/** `AND SLEEP(5)`, `, pg_sleep(10)` */
const CALL = /^[nsw)]*[lo,;u]+\(*f\(/;
/** `1 -- `, `1 ORDER BY 3`, `1 HAVING 1` */
const HIGH_BARE = /^n\)*(?:c|k+[nsw]|l+[nsw(]|;|o+f)/;
/** A value, its quote closed, and anything that goes on in SQL. */
const HIGH_QUOTED = /^s\)*(?:[lo;,k]|E|u)/;
