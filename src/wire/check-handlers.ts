/** Do a service's handlers and its model's operations match? */
import { loadService } from './plan.ts';
import { operationsOf, type SchemaModule } from './schema.ts';
import type { Handlers, ServiceInstance } from './service.ts';
import { services } from './services.ts';

/** Throws when a handler is no operation of the model: a name mistyped would never be called. */
export function checkHandlers(schemas: SchemaModule, serviceId: string, handlers: Handlers): void {
  const operations = operationsOf(schemas);
  const strangers = Object.keys(handlers).filter((name) => !operations.has(name));
  if (strangers.length > 0)
    throw new Error(`${serviceId} has handlers that are no operations: ${strangers.join(', ')}`);
}

export interface ServiceCoverage {
  readonly id: string;
  readonly serviceId: string;
  readonly apiVersion: string;
  /** Operations with a handler. */
  readonly done: readonly string[];
  /** Operations that are refused by name. */
  readonly refused: readonly string[];
}

/** Every operation of every service, done or refused; also checks that every handler is an operation. */
export async function coverage(
  find: (id: string) => Promise<ServiceInstance | undefined>,
): Promise<ServiceCoverage[]> {
  const all: ServiceCoverage[] = [];
  for (const row of services) {
    const handlers = (await find(row.id))?.handlers ?? {};
    checkHandlers(await row.loadSchemas(), row.id, handlers);
    const names = [...(await loadService(row)).operations.keys()].toSorted();
    const isDone = (name: string): boolean => Object.hasOwn(handlers, name);
    all.push({
      id: row.id,
      serviceId: row.serviceId,
      apiVersion: row.apiVersion,
      done: names.filter(isDone),
      refused: names.filter((name) => !isDone(name)),
    });
  }
  return all;
}
