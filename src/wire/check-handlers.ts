/** Do a service's handlers and its model's operations match? */
import { loadService, type ServicePlan } from './plan.ts';
import type { ServiceInstance } from './service.ts';
import { services } from './services.ts';

/** Throws when a handler is no operation of the service's model: one whose name is mistyped would never be called. */
export function checkHandlers({ row, operations }: ServicePlan, { handlers }: ServiceInstance): void {
  const strangers = Object.keys(handlers).filter((name) => !operations.has(name));
  if (strangers.length > 0)
    throw new Error(`${row.id} has handlers that are no operations: ${strangers.join(', ')}`);
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
    const instance = (await find(row.id)) ?? { handlers: {} };
    const plan = await loadService(row);
    checkHandlers(plan, instance);
    const { handlers } = instance;
    const names = [...plan.operations.keys()].toSorted();
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
