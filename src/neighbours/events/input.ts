/**
 * What a target gets of an event: all of it, a part, a fixed text, or a template with parts put in.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { compilePath } from '../../lang/json-path/compile.ts';
import type { BusEvent } from './event.ts';
import { invalid } from './fault.ts';

export interface RuleNames {
  readonly ruleArn: string;
  readonly ruleName: string;
}

export function inputFor(target: Target, event: BusEvent, rule: RuleNames, now: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(compilePath(target.InputPath)(event) ?? null);
  if (target.InputTransformer !== undefined) return transformed(target.InputTransformer, event, rule, now);
  return JSON.stringify(event);
}

type Transformer = NonNullable<Target['InputTransformer']>;

const PLACEHOLDER = /<([\w.-]+)>/g;

function transformed(
  { InputPathsMap = {}, InputTemplate = '' }: Transformer,
  event: BusEvent,
  rule: RuleNames,
  now: number,
): string {
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': rule.ruleArn,
    'aws.events.rule-name': rule.ruleName,
    'aws.events.event.ingestion-time': new Date(now).toISOString(),
    'aws.events.event': { ...event, detail: undefined },
    'aws.events.event.json': event,
  };
  for (const [name, path] of Object.entries(InputPathsMap)) values[name] = compilePath(path)(event);
  let inText = false;
  let result = '';
  let end = 0;
  for (const match of InputTemplate.matchAll(PLACEHOLDER)) {
    const before = InputTemplate.slice(end, match.index);
    inText = quotesOpen(before, inText);
    result += before + textOf(values[match[1] ?? ''], inText);
    end = match.index + match[0].length;
  }
  return result + InputTemplate.slice(end);
}

/** Whether a JSON text is open behind `part`. */
function quotesOpen(part: string, before: boolean): boolean {
  let open = before;
  for (let at = 0; at < part.length; at++) {
    if (part[at] === '\\') at++;
    else if (part[at] === '"') open = !open;
  }
  return open;
}

/** Within a text, texts are put in as they are and everything else as JSON; outside, everything as JSON. */
function textOf(value: unknown, inText: boolean): string {
  if (value === undefined) return inText ? '' : '""';
  const json = JSON.stringify(value);
  if (!inText) return json;
  return typeof value === 'string' ? json.slice(1, -1) : JSON.stringify(json).slice(1, -1);
}

/** What can be told when a target is set. Throws ValidationException. */
export function checkInput(target: Target): void {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter(
    (each) => each !== undefined,
  );
  if (given.length > 1)
    throw invalid(
      `Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`,
    );
  if (target.Input !== undefined) checkJson(target.Input, target);
  for (const path of [target.InputPath, ...Object.values(target.InputTransformer?.InputPathsMap ?? {})])
    if (path !== undefined) checkPath(path, target);
  const { InputPathsMap = {}, InputTemplate = '' } = target.InputTransformer ?? {};
  for (const [, name = ''] of InputTemplate.matchAll(PLACEHOLDER))
    if (!(name in InputPathsMap) && !name.startsWith('aws.events.'))
      throw invalid(
        `Invalid InputTemplate for target ${target.Id} : placeholder <${name}> is not in InputPathsMap.`,
      );
}

function checkJson(text: string, { Id }: Target): void {
  try {
    JSON.parse(text);
  } catch {
    throw invalid(`JSON syntax error in input for target ${Id} : it is no JSON`);
  }
}

function checkPath(path: string, { Id }: Target): void {
  try {
    compilePath(path);
  } catch {
    throw invalid(`Parameter InputPath for target ${Id} is invalid: ${path} is no JSON path`);
  }
}
