/** What the wire keeps of each service once its schemas are loaded: operations, errors and routes, compiled when first used. */
import type { ServiceRow } from './services.ts';
import { compileBindings, type HttpBindings } from './http-bindings.ts';
import type { Head } from './head.ts';
import { compileRouter, type Routed } from './router.ts';
import { compileS3Router } from './s3-route.ts';
import { errorsOf, operationsOf, type Shape, type StructureShape } from './schema.ts';

export interface OperationPlan {
  readonly service: ServicePlan;
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Where the members of input and output stand in HTTP messages; for the RPC protocols nothing of it counts. */
  readonly bindings: HttpBindings;
  /** True when the request's body is handed to the handler as a stream. */
  readonly streamsInput: boolean;
}

export interface ServicePlan {
  readonly row: ServiceRow;
  readonly operations: ReadonlyMap<string, OperationPlan>;
  /** By shape name and by the code the query protocols know them under. */
  readonly errors: ReadonlyMap<string, StructureShape>;
  /** For the REST protocols: finds the operation by method, path and query. */
  readonly route: (head: Head) => Routed | undefined;
}

export async function loadService(row: ServiceRow): Promise<ServicePlan> {
  const module = await row.loadSchemas();
  const operations = new Map<string, OperationPlan>();
  const errors = new Map<string, StructureShape>();
  for (const [name, shape] of errorsOf(module)) {
    const queryCode = shape.traits.awsQueryError?.[0];
    if (queryCode !== undefined && !errors.has(queryCode)) errors.set(queryCode, shape);
    errors.set(name, shape);
  }
  const schemas = operationsOf(module);
  const all = [...schemas.values()];
  const route = row.id === 's3' ? compileS3Router(all) : compileRouter(all);
  const plan: ServicePlan = { row, operations, errors, route };
  for (const schema of schemas.values()) {
    let bindings: HttpBindings | undefined;
    operations.set(schema.name, {
      service: plan,
      name: schema.name,
      get input() {
        return schema.input;
      },
      get output() {
        return schema.output;
      },
      get bindings() {
        bindings ??= compileBindings(schema);
        return bindings;
      },
      get streamsInput() {
        return this.bindings.request.payload?.target.traits.streaming === 1;
      },
    });
  }
  return plan;
}
