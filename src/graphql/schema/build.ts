/** An API's schema from its SDL, with AppSync's scalars and directives. */
import {
  buildASTSchema,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isScalarType,
  parse,
  validateSchema,
} from 'graphql';
import { limits } from '../../base/limits.ts';
import { SCALARS } from './scalars.ts';

/** Scalars are there without being declared; declaring a scalar of one's own is refused, as on AWS. */
const PRELUDE = `
${Object.keys(SCALARS)
  .map((name) => `scalar ${name}`)
  .join('\n')}
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]!) on FIELD_DEFINITION
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_oidc on FIELD_DEFINITION | OBJECT
directive @aws_lambda on FIELD_DEFINITION | OBJECT
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_publish(subscriptions: [String!]!) on FIELD_DEFINITION
directive @canonical on OBJECT | FIELD_DEFINITION | INTERFACE | UNION | ENUM | INPUT_OBJECT
directive @hidden on OBJECT | FIELD_DEFINITION | INTERFACE | UNION | ENUM | INPUT_OBJECT
directive @renamed(to: String!) on OBJECT | FIELD_DEFINITION | INTERFACE | UNION | ENUM | INPUT_OBJECT
`;

export class SchemaFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SchemaFault';
  }
}

/** Throws SchemaFault with AppSync's words. */
export function buildSchema(sdl: string): GraphQLSchema {
  if (Buffer.byteLength(sdl) > limits.appsyncSchemaBytes)
    throw new SchemaFault(`Schema document is too large: at most ${limits.appsyncSchemaBytes} bytes`);
  const document = withoutBuiltIns(parsed(sdl));
  checkDefinitions(document);
  let schema: GraphQLSchema;
  try {
    const prelude = parse(PRELUDE);
    schema = buildASTSchema({ ...document, definitions: [...prelude.definitions, ...document.definitions] });
  } catch (thrown) {
    throw new SchemaFault(thrown instanceof Error ? thrown.message : String(thrown));
  }
  const problems = validateSchema(schema);
  if (problems.length > 0) throw new SchemaFault(problems.map(({ message }) => message).join('\n'));
  for (const type of Object.values(schema.getTypeMap())) {
    const rules = isScalarType(type) && Object.hasOwn(SCALARS, type.name) ? SCALARS[type.name] : undefined;
    if (rules === undefined || !isScalarType(type)) continue;
    const literal = type.parseLiteral.bind(type);
    type.serialize = rules.serialize;
    type.parseValue = rules.parse;
    type.parseLiteral = (node, variables) => rules.parse(literal(node, variables));
    type.coerceOutputValue = rules.serialize;
    type.coerceInputValue = rules.parse;
    // Literals are read by the value they stand for.
    type.coerceInputLiteral = (node) => rules.parse('value' in node ? literalValue(node) : undefined);
  }
  return schema;
}

const literalValue = (node: { readonly kind: string; readonly value?: unknown }): unknown =>
  node.kind === 'IntValue' || node.kind === 'FloatValue' ? Number(node.value) : node.value;

function parsed(sdl: string): DocumentNode {
  try {
    return parse(sdl);
  } catch (thrown) {
    const at = thrown instanceof GraphQLError ? thrown.locations?.[0] : undefined;
    const where =
      at === undefined
        ? ''
        : ` ${thrown instanceof Error ? thrown.message : ''} (line ${at.line}, column ${at.column})`;
    throw new SchemaFault(
      `Failed to parse schema document - ensure it's a valid SDL-formatted document.${where}`,
    );
  }
}

function checkDefinitions({ definitions }: DocumentNode): void {
  for (const definition of definitions) {
    if (definition.kind === 'ScalarTypeDefinition' && !Object.hasOwn(SCALARS, definition.name.value))
      throw new SchemaFault(`Custom scalar types are not supported: ${definition.name.value}`);
    if (definition.kind === 'OperationDefinition' || definition.kind === 'FragmentDefinition')
      throw new SchemaFault('A schema document holds type definitions only');
  }
  const kept = definitions.filter(
    (each) => !(each.kind === 'ScalarTypeDefinition' || each.kind === 'DirectiveDefinition'),
  );
  if (kept.length === 0) throw new SchemaFault('There is no top level schema object defined.');
}

/** What a schema text declares again that is there already: scalars and directives of AppSync's own. */
function withoutBuiltIns(document: DocumentNode): DocumentNode {
  const known = new Set([
    ...Object.keys(SCALARS),
    ...parse(PRELUDE).definitions.flatMap((each) => ('name' in each ? [each.name?.value ?? ''] : [])),
  ]);
  return {
    ...document,
    definitions: document.definitions.filter(
      (each) =>
        !(
          (each.kind === 'ScalarTypeDefinition' || each.kind === 'DirectiveDefinition') &&
          known.has(each.name.value)
        ),
    ),
  };
}
