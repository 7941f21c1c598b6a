/** CSV files of an ItemReader: a header, and an object for each line. RFC 4180. */
import { StateError } from '../../lang/states/state-error.ts';

const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
};

export function parseCsv(text: string, config: Readonly<Record<string, unknown>>): Record<string, string>[] {
  const delimiter = DELIMITERS[String(config['CSVDelimiter'] ?? 'COMMA')];
  if (delimiter === undefined) throw new StateError('States.ItemReaderFailed', 'CSVDelimiter is unknown');
  const lines = [...linesOf(text.replace(/^\uFEFF/, ''), delimiter)];
  const given = config['CSVHeaderLocation'] === 'GIVEN' ? config['CSVHeaders'] : undefined;
  const header = Array.isArray(given) ? given.map(String) : lines.shift();
  if (header === undefined) return [];
  return lines.map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ''])));
}

function* linesOf(text: string, delimiter: string): Generator<string[]> {
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (isQuoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[++at];
      else isQuoted = false;
    } else if (char === '"' && cell === '') isQuoted = true;
    else if (char === delimiter) {
      cells.push(cell);
      cell = '';
    } else if (char === '\n' || char === '\r') {
      if (char === '\r' && text[at + 1] === '\n') at++;
      if (cells.length > 0 || cell !== '') yield [...cells, cell];
      cells = [];
      cell = '';
    } else cell += char;
  }
  if (cells.length > 0 || cell !== '') yield [...cells, cell];
}
