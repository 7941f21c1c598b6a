/** A template as plain JSON, and where its parts stand in the text they were read from. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Template {
  AWSTemplateFormatVersion?: string;
  Description?: string;
  Metadata?: JsonObject;
  Transform?: Json;
  Globals?: JsonObject;
  Parameters?: Record<string, JsonObject>;
  Rules?: Record<string, JsonObject>;
  Mappings?: Record<string, Record<string, JsonObject>>;
  Conditions?: Record<string, Json>;
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, TemplateOutput>;
  Hooks?: JsonObject;
}

export type TemplateResource = {
  Type: string;
  Properties?: JsonObject;
  DependsOn?: string | string[];
  Condition?: string;
  Metadata?: JsonObject;
  DeletionPolicy?: Json;
  UpdateReplacePolicy?: Json;
  UpdatePolicy?: JsonObject;
  CreationPolicy?: JsonObject;
  Description?: string;
  Connectors?: JsonObject;
};

export type TemplateOutput = {
  Value: Json;
  Description?: Json;
  Export?: { Name: Json };
  Condition?: string;
};

/** Keys and indexes from the template's root. */
export type Path = readonly (string | number)[];

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Locate = (path: Path) => Place | undefined;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** ` (template line 12)`, or nothing when the part was not in the text (a transform made it). */
export function lineOf(locate: Locate, path: Path): string {
  const place = locate(path);
  return place ? ` (template line ${place.line})` : '';
}

/** The only key and its value of `{ "Fn::Sub": ... }`, `{ Ref: ... }`, `{ Condition: ... }`; else undefined. */
export function intrinsicOf(value: Json | undefined): { name: string; argument: Json } | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  const name = keys[0];
  if (keys.length !== 1 || name === undefined) return undefined;
  const argument = value[name];
  if (argument === undefined) return undefined;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}
