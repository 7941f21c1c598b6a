/**
 * Text with `$context.x.y` and `$stageVariables.x` replaced: gateway responses and access logs know only this, not VTL.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
import { readPath } from '../context-variables.ts';

export interface Roots {
  readonly context: unknown;
  readonly stageVariables: unknown;
}

export type Substitution = (roots: Roots) => string;

const NAME = '(?:context|stageVariables)(?:\\.[A-Za-z0-9_-]+)+';
const REFERENCE = new RegExp(`\\$\\{(${NAME})\\}|\\$(${NAME})`, 'g');

/** `missing` stands for what has no value. */
export function compileSubstitution(text: string, missing: string): Substitution {
  const parts: (string | { readonly root: keyof Roots; readonly path: readonly string[] })[] = [];
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    parts.push(text.slice(end, match.index));
    const [root, ...path] = (match[1] ?? match[2] ?? '').split('.');
    parts.push({ root: root === 'context' ? 'context' : 'stageVariables', path });
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return (roots) => {
    let result = '';
    for (const part of parts)
      result += typeof part === 'string' ? part : printed(readPath(roots[part.root], part.path), missing);
    return result;
  };
}

function printed(value: unknown, missing: string): string {
  if (value === undefined || value === null) return missing;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
