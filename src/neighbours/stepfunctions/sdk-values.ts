/**
 * JSON as a state machine writes it, to and from the SDK's shapes: names begin with a capital, times are ISO texts,
 * bytes are text. https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
import { Readable } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import type { Member, Shape, StructureShape } from '../../wire/schema.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import { upperFirst } from './task-kind.ts';

/** Throws SerializationException naming the place. */
export function toInput(shape: Shape, value: unknown, at = ''): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.kind) {
    case 'structure': {
      if (!isObject(value)) throw wrong(at, 'an object');
      const members = Object.entries(value).map(([name, inner]) => {
        const member = memberNamed(shape, name);
        if (member === undefined)
          throw new Fault(
            'SerializationException',
            `The field '${at}${name}' is not supported by Step Functions`,
          );
        return [member.name, toInput(member.target, inner, `${at}${name}.`)] as const;
      });
      return Object.fromEntries(members.filter(([, inner]) => inner !== undefined));
    }
    case 'list':
      if (!Array.isArray(value)) throw wrong(at, 'an array');
      return value.map((item, index) => toInput(shape.member.target, item, `${at}${index}.`));
    case 'map':
      if (!isObject(value)) throw wrong(at, 'an object');
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          toInput(shape.value.target, inner, `${at}${key}.`),
        ]),
      );
    case 'blob': {
      const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
      return shape.traits.streaming === 1 ? Readable.from([bytes]) : new Uint8Array(bytes);
    }
    case 'timestamp': {
      const time = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
      if (Number.isNaN(time)) throw wrong(at, 'a timestamp');
      return new Date(time);
    }
    case 'string':
      // Texts that hold JSON (messages, policies, details) may be written as JSON.
      return typeof value === 'string' ? value : JSON.stringify(value);
    default:
      return value;
  }
}

const memberNamed = (shape: StructureShape, name: string): Member | undefined =>
  shape.members.find((member) => member.name === name || upperFirst(member.name) === name);

const wrong = (at: string, what: string): Fault =>
  new Fault('SerializationException', `The value of '${at.slice(0, -1)}' must be ${what}`);

/** Only what the output's shape knows; streams are read whole. */
export async function fromOutput(shape: Shape, value: unknown): Promise<unknown> {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Readable) return textOf(Buffer.concat(await value.toArray()));
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number(value);
  if (shape.kind === 'structure' && isObject(value)) {
    const told = await Promise.all(
      shape.members.map(
        async ({ name, target }) => [upperFirst(name), await fromOutput(target, value[name])] as const,
      ),
    );
    return Object.fromEntries(told.filter(([, inner]) => inner !== undefined));
  }
  if (shape.kind === 'list' && Array.isArray(value))
    return Promise.all(value.map(async (item) => (await fromOutput(shape.member.target, item)) ?? null));
  if (shape.kind === 'map' && isObject(value)) {
    const told = await Promise.all(
      Object.entries(value).map(
        async ([key, inner]) => [key, await fromOutput(shape.value.target, inner)] as const,
      ),
    );
    return Object.fromEntries(told);
  }
  return value;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
