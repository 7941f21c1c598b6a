/**
 * Payload templates (`Parameters`, `ResultSelector`, `ItemSelector`, `Assign`, ...): fields whose names end in `.$`
 * take a path or an intrinsic function, all others stand as they are.
 * https://states-language.net/spec.html#payload-template
 */
import { compileRead, type Environment, looksLikePath, type Read } from './environment.ts';
import { compileIntrinsic, looksLikeIntrinsic } from './intrinsic.ts';
import { isObject } from './reference-path.ts';
import { StateError } from './state-error.ts';

/** A path or an intrinsic function, whichever the text is. Throws SyntaxError or JsonPathError. */
export function compileDynamic(text: string): Read {
  if (looksLikeIntrinsic(text)) return compileIntrinsic(text);
  if (!looksLikePath(text)) throw new SyntaxError(`neither a path nor an intrinsic function: ${text}`);
  return compileRead(text);
}

/** Throws what `compileDynamic` throws, with the field's name in `field`. */
export function compileTemplate(template: unknown): Read {
  if (Array.isArray(template)) {
    const items = template.map(compileTemplate);
    return (environment) => items.map((read) => read(environment));
  }
  if (!isObject(template)) return () => template;
  const fields = Object.entries(template).map(([name, value]) => compileField(name, value));
  return (environment) => Object.fromEntries(fields.map((field) => field(environment)));
}

type Field = (environment: Environment) => readonly [string, unknown];

function compileField(name: string, value: unknown): Field {
  if (!name.endsWith('.$')) {
    const read = compileTemplate(value);
    return (environment) => [name, read(environment)];
  }
  if (typeof value !== 'string') throw new SyntaxError(`the value of ${name} is no text`);
  const read = compileDynamic(value);
  const field = name.slice(0, -2);
  return (environment) => {
    const result = read(environment);
    if (result === undefined)
      throw new StateError(
        'States.ParameterPathFailure',
        `The JSONPath '${value}' specified for the field '${name}' could not be found in the input '${JSON.stringify(environment.input)}'`,
      );
    return [field, result];
  };
}
