/** AWS's Service Authorization Reference of one service, as `scripts/access/generate.ts` takes it. */
export interface AccessData {
  /** `lambda` in `lambda:CreateFunction`. */
  readonly prefix: string;
  readonly actions: Readonly<Record<string, AccessAction>>;
  /** Resource types by name. */
  readonly types: Readonly<Record<string, AccessType>>;
}

export interface AccessAction {
  /** Names of resource types; those that every call names end in `*`. None: only `*` stands for what it acts on. */
  readonly types: readonly string[];
  /** Condition keys of the service that the action has, in lower case; `/` at the end where a name follows. */
  readonly keys: readonly string[];
}

export interface AccessType {
  /** `arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}`. */
  readonly arn: string;
  readonly keys: readonly string[];
}
