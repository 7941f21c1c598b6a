/**
 * API Gateway's patch operations (RFC 6902 paths, AWS's rules): each noun lists the paths it knows and what each op
 * does there; what is not listed is refused in AWS's words.
 * https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
 */
import { Fault } from '../../base/fault.ts';

export interface PatchOperation {
  readonly op?: string | undefined;
  readonly path?: string | undefined;
  readonly value?: string | undefined;
  readonly from?: string | undefined;
}

/** Changes the draft; `names` are the decoded texts that stood where the path has `{...}`. For `copy`, `value` is `from`. */
export type Change<Draft> = (draft: Draft, value: string | undefined, names: readonly string[]) => void;

export interface PathRule<Draft> {
  /** `/description`, `/responseTemplates/{contentType}`. */
  readonly path: string;
  readonly add?: Change<Draft>;
  readonly replace?: Change<Draft>;
  readonly remove?: Change<Draft>;
  readonly copy?: Change<Draft>;
}

/** AWS refuses in several wordings, by noun. Both return, so that the throw stands in one place. */
export interface Refusals {
  unknownPath(operation: PatchOperation): Fault;
  wrongOp(operation: PatchOperation, allowed: readonly string[]): Fault;
}

export interface PatchRules<Draft> {
  readonly paths: readonly PathRule<Draft>[];
  readonly refusals: Refusals;
}

const OPS = ['add', 'replace', 'remove', 'copy'] as const;

/** Applies every operation in order; throws the first refusal, leaving a draft that is to be thrown away. */
export function applyPatches<Draft>(
  draft: Draft,
  operations: readonly PatchOperation[] | undefined,
  rules: PatchRules<Draft>,
): Draft {
  for (const operation of operations ?? []) applyOne(draft, operation, rules);
  return draft;
}

function applyOne<Draft>(draft: Draft, operation: PatchOperation, rules: PatchRules<Draft>): void {
  for (const rule of rules.paths) {
    const names = matchPath(rule.path, operation.path);
    if (names === undefined) continue;
    const op = OPS.find((known) => known === operation.op);
    const change = op && rule[op];
    if (change === undefined)
      throw rules.refusals.wrongOp(
        operation,
        OPS.filter((known) => rule[known]),
      );
    change(draft, op === 'copy' ? operation.from : operation.value, names);
    return;
  }
  throw rules.refusals.unknownPath(operation);
}

/** The texts in place of the pattern's `{...}` segments, decoded; undefined when the path does not fit. */
function matchPath(pattern: string, path: string | undefined): string[] | undefined {
  if (path === undefined) return undefined;
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const names: string[] = [];
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (part.startsWith('{')) {
      if (text === '') return undefined;
      names.push(decodePointer(text));
    } else if (part !== text) return undefined;
  }
  return names;
}

/** `~1` stands for `/`, `~0` for `~` (RFC 6901). */
export const decodePointer = (text: string): string => text.replaceAll('~1', '/').replaceAll('~0', '~');
export const encodePointer = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');

const badRequest = (message: string): Fault => new Fault('BadRequestException', message);

/** `Invalid patch path /x`, and the list of allowed ops where the path is known: REST APIs, methods, responses. */
export const bareRefusals: Refusals = {
  unknownPath: (operation) => badRequest(`Invalid patch path ${operation.path ?? null}`),
  wrongOp: (_operation, allowed) =>
    badRequest(`Invalid patch operation specified. Must be one of: [${allowed.join(', ')}]`),
};

/** Gateway responses answer a known path with a wrong op as if the path were unknown. */
export const pathOnlyRefusals: Refusals = {
  unknownPath: bareRefusals.unknownPath,
  wrongOp: bareRefusals.unknownPath,
};

/**
 * The wording that lists what an op may change, with AWS's two spaces: resources, models, validators, documentation
 * parts, usage plans. `byOp` has the paths AWS prints for each op; an op that is not there has no path at all.
 */
export function listingRefusals(byOp: Readonly<Record<string, readonly string[]>>): Refusals {
  const refuse = (operation: PatchOperation): Fault => {
    const listed = byOp[operation.op ?? ''];
    const hint = listed ? `Must be one of: [${listed.join(', ')}]` : 'Please choose supported operations';
    return badRequest(
      `Invalid patch path  '${operation.path ?? null}' specified for op '${operation.op}'. ${hint}`,
    );
  };
  return { unknownPath: refuse, wrongOp: refuse };
}

/** API Gateway reads anything but "true" as false (seen: UpdateMethod with a value that is no boolean). */
export const patchBoolean = (value: string | undefined): boolean => value?.toLowerCase() === 'true';

/** Sets or clears an optional member: an empty value clears. */
export const patchText = (value: string | undefined): string | undefined =>
  value === '' ? undefined : value;
