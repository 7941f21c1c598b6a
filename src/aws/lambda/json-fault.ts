/** What is wrong with a payload that is not JSON, in the words of the parser AWS uses. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Undefined when the bytes are one JSON value. */
export function describeJsonFault(payload: Uint8Array): string | undefined {
  let text: string;
  try {
    text = decoder.decode(payload);
  } catch {
    return 'Invalid UTF-8 middle byte';
  }
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return describe(text);
  }
}

const EXPECTED = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/** The commonest faults as people quote them; the rest is told by its place. */
function describe(text: string): string {
  const start = text.search(/\S/);
  if (start < 0) return `No content to map due to end-of-input\n at ${place(text, 0)}`;
  const word = /^[A-Za-z_$][\w$]*/.exec(text.slice(start))?.[0];
  if (word !== undefined && !['true', 'false', 'null'].includes(word))
    return `Unrecognized token '${word}': was expecting ${EXPECTED}\n at ${place(text, start + word.length)}`;
  const char = text[start] ?? '';
  if (!'{["-0123456789tfn'.includes(char))
    return `Unexpected character ('${char}' (code ${char.codePointAt(0)})): expected a valid value ${EXPECTED}\n at ${place(text, start)}`;
  return `Unexpected end-of-input\n at ${place(text, text.length)}`;
}

function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - (before.lastIndexOf('\n') + 1) + 1;
  return `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: ${line}, column: ${column}]`;
}
