/**
 * Takes the constraints out of AWS's service models: `bun scripts/models/generate.ts <folder>`, where the folder
 * holds `<service>/<api version>/service-2.json` (or `.json.gz`), as botocore distributes them. Writes
 * `src/wire/constraints/data/<id>.json`: only what constrains an input, and only facts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ConstraintData, ShapeRule } from '../../src/wire/constraints/data.ts';
import { policyOf } from '../../src/wire/constraints/policy.ts';
import { services } from '../../src/wire/services.ts';

interface ModelShape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
}

interface Model {
  readonly shapes: Readonly<Record<string, ModelShape>>;
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: bun scripts/models/generate.ts <folder of models>');
  process.exit(2);
}
const target = join(import.meta.dirname, '../../src/wire/constraints/data');

for (const { id, apiVersion } of services) {
  if (policyOf(id) === undefined) continue;
  const model = readModel(join(folder, id, apiVersion));
  const data = constraintsOf({ ...model, shapes: { ...model.shapes, ...addedShapes(id, model) } });
  writeFileSync(join(target, `${id}.json`), `${JSON.stringify(data)}\n`);
  console.log(
    `${id}: ${Object.keys(data.operations).length} operations, ${Object.keys(data.shapes).length} shapes`,
  );
}

/** What AWS enforces beyond the model, by the policy. */
function addedShapes(id: string, { shapes }: Model): Model['shapes'] {
  return Object.fromEntries(
    Object.entries(policyOf(id)?.added ?? {}).map(([name, rule]) => {
      const shape = shapes[name];
      if (shape === undefined) throw new Error(`${id} has no shape ${name}`);
      return [name, { ...shape, ...rule }];
    }),
  );
}

function readModel(path: string): Model {
  const zipped = join(path, 'service-2.json.gz');
  const bytes = existsSync(zipped)
    ? gunzipSync(readFileSync(zipped))
    : readFileSync(join(path, 'service-2.json'));
  return JSON.parse(bytes.toString('utf8')) as Model; // the format of these files
}

function constraintsOf({ shapes, operations }: Model): ConstraintData {
  const constrained = constrainedShapes(shapes);
  const rules: Record<string, ShapeRule> = {};
  const inputs: Record<string, string> = {};
  for (const [name, { input }] of Object.entries(operations)) {
    if (input === undefined || !constrained.has(input.shape)) continue;
    inputs[name] = input.shape;
    collect(input.shape, shapes, constrained, rules);
  }
  return { operations: inputs, shapes: rules };
}

function collect(
  name: string,
  shapes: Model['shapes'],
  constrained: ReadonlySet<string>,
  rules: Record<string, ShapeRule>,
): void {
  const shape = shapes[name];
  if (shape === undefined || name in rules) return;
  rules[name] = ruleOf(shape, constrained);
  for (const part of partsOf(shape)) if (constrained.has(part)) collect(part, shapes, constrained, rules);
}

function ruleOf(shape: ModelShape, constrained: ReadonlySet<string>): ShapeRule {
  const members = Object.entries(shape.members ?? {}).filter(([, { shape: part }]) => constrained.has(part));
  return {
    ...(shape.type === 'structure' && {
      required: shape.required ?? [],
      members: Object.fromEntries(members.map(([member, { shape: part }]) => [member, part])),
    }),
    ...(shape.member && constrained.has(shape.member.shape) && { item: shape.member.shape }),
    ...(shape.key && constrained.has(shape.key.shape) && { key: shape.key.shape }),
    ...(shape.value && constrained.has(shape.value.shape) && { value: shape.value.shape }),
    ...boundsOf(shape),
    ...(shape.pattern !== undefined && { pattern: shape.pattern }),
    ...(shape.enum !== undefined && { enum: shape.enum }),
    ...(shape.sensitive === true && { sensitive: true as const }),
  };
}

/** A model's `min` and `max` are a value's for numbers, a length for all else. */
function boundsOf({ type, min, max }: ModelShape): ShapeRule {
  if (min === undefined && max === undefined) return {};
  const fraction = type === 'float' || type === 'double';
  if (fraction || type === 'integer' || type === 'long')
    return {
      ...(fraction && { double: true }),
      ...(min !== undefined && { least: min }),
      ...(max !== undefined && { most: max }),
    };
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

/** Those that constrain something themselves or contain what does, however deep: grows until nothing is added. */
function constrainedShapes(shapes: Model['shapes']): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, shape] of Object.entries(shapes))
      if (constrains(shape) || partsOf(shape).some((part) => found.has(part))) found.add(name);
  }
  return found;
}

function constrains(shape: ModelShape): boolean {
  const { min, max, pattern, enum: values, required = [] } = shape;
  return [min, max, pattern, values].some((trait) => trait !== undefined) || required.length > 0;
}

function partsOf(shape: ModelShape): string[] {
  const parts = [...Object.values(shape.members ?? {}), shape.member, shape.key, shape.value];
  return parts.flatMap((part) => (part === undefined ? [] : [part.shape]));
}
