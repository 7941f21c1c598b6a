/** Models of a REST API as JSON Schema, draft 4, with references between models. Imported only when a body is checked. */
import type { Model } from '@aws-sdk/client-api-gateway';
import type { ErrorObject, ValidateFunction } from 'ajv';
import Ajv from 'ajv-draft-04';
import { reasonOf } from '../../base/fault.ts';
import { configurationError } from '../refusal.ts';

/** Says what is wrong, in the words of `$context.error.validationErrorString`; undefined when nothing is. */
export type CheckBody = (document: unknown) => string | undefined;

/** `https://apigateway.amazonaws.com/restapis/{id}/models/{name}`: only the name tells models of one API apart. */
const MODEL_URL = /https?:\/\/apigateway\.amazonaws\.com\/restapis\/[^/"]+\/models\/([^/"#]+)/g;
const ownUrl = (name: string): string => `https://models.invalid/${name}`;

export function compileModels(models: readonly Model[]): (modelName: string) => CheckBody {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false, validateFormats: false });
  const broken = new Map<string, string>();
  for (const { name = '', schema = '' } of models) {
    try {
      ajv.addSchema(readSchema(schema), ownUrl(name));
    } catch (thrown) {
      broken.set(name, reasonOf(thrown));
    }
  }
  const compiled = new Map<string, CheckBody>();
  return (name) => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const check = checkWith(validatorOf(ajv, name, broken.get(name)));
    compiled.set(name, check);
    return check;
  };
}

/** `id` would change what references are relative to; AWS's models are found by their URL alone. */
function readSchema(schema: string): object {
  const document: unknown = JSON.parse(
    schema.trim() === '' ? '{}' : schema.replace(MODEL_URL, (_url, name: string) => ownUrl(name)),
  );
  if (typeof document !== 'object' || document === null) throw new Error('a schema is an object');
  const { $schema: _version, ...rest } = document as Record<string, unknown>; // an object, as just seen
  if (typeof rest['id'] === 'string') delete rest['id'];
  return rest;
}

function validatorOf(ajv: Ajv, name: string, problem: string | undefined): ValidateFunction {
  try {
    const validate = problem === undefined ? ajv.getSchema(ownUrl(name)) : undefined;
    if (validate !== undefined) return validate;
  } catch (thrown) {
    throw configurationError(`Invalid model ${name}: ${reasonOf(thrown)}`);
  }
  throw configurationError(
    problem === undefined
      ? `Invalid model identifier specified: ${name}`
      : `Invalid model ${name}: ${problem}`,
  );
}

const checkWith =
  (validate: ValidateFunction): CheckBody =>
  (document) =>
    validate(document) === true ? undefined : (validate.errors ?? []).map(describe).join(', ');

/** AWS's validator is Java's json-schema-validator: its most frequent messages are told in its words. */
function describe(error: ErrorObject): string {
  const { keyword, params } = error;
  if (keyword === 'required')
    return `object has missing required properties (["${params['missingProperty']}"])`;
  if (keyword === 'additionalProperties')
    return `object instance has properties which are not allowed by the schema: ["${params['additionalProperty']}"]`;
  if (keyword === 'enum')
    return `instance value not found in enum (possible values: ${JSON.stringify(params['allowedValues'])})`;
  if (keyword === 'type')
    return `instance type does not match any allowed primitive type (allowed: ${JSON.stringify([params['type']].flat())})`;
  return `${error.instancePath === '' ? 'instance' : error.instancePath} ${error.message ?? keyword}`;
}
