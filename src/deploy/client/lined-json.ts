/**
 * JSON whose keys stand on the lines they had in the text they were read from, so that what a server says of a line
 * of it is true of the author's file.
 */
import { isObject, type Json, type Locate, type Path } from '../template.ts';

export function linedJson(value: Json, locate: Locate): string {
  const writer = { text: '', line: 1, locate };
  write(writer, value, []);
  return writer.text;
}

interface Writer {
  text: string;
  line: number;
  readonly locate: Locate;
}

function write(writer: Writer, value: Json, path: Path): void {
  if (Array.isArray(value)) {
    writer.text += '[';
    for (const [index, item] of value.entries()) {
      if (index > 0) writer.text += ',';
      moveTo(writer, [...path, index]);
      write(writer, item, [...path, index]);
    }
    writer.text += ']';
  } else if (isObject(value)) {
    writer.text += '{';
    for (const [index, [key, member]] of Object.entries(value).entries()) {
      if (index > 0) writer.text += ',';
      moveTo(writer, [...path, key]);
      writer.text += `${JSON.stringify(key)}:`;
      write(writer, member, [...path, key]);
    }
    writer.text += '}';
  } else writer.text += JSON.stringify(value);
}

function moveTo(writer: Writer, path: Path): void {
  const line = writer.locate(path)?.line ?? 0;
  if (line <= writer.line) return;
  writer.text += '\n'.repeat(line - writer.line);
  writer.line = line;
}
