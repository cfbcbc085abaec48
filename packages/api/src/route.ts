import type { IdPrefix } from '@daikou/core';
import type { TSchema } from 'typebox';
import { DryRunQuerySchema } from './result/dry-run.ts';
import type { ErrorCode } from './result/errors.ts';

export type QuerySchema = TSchema & {
  readonly properties: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[] | undefined;
};

/** One operation of the API behind a key, as the document describes it. */
export type Route = {
  readonly path: string;
  readonly method: 'get' | 'post' | 'patch';
  /** Its operationId: a verb and what it is about. */
  readonly name: string;
  readonly tag: string;
  /** A sentence. */
  readonly summary: string;
  /** The kind of the `{id}` in its path. */
  readonly id?: IdPrefix;
  /** A text in its path that is no id of ours alone. */
  readonly key?: { readonly name: string; readonly description: string };
  readonly query?: QuerySchema;
  /** Has a title and an example. */
  readonly body?: TSchema;
  /** Has a title and an example; `list` is an object whose `data` has all of them. */
  readonly answer?: TSchema | { readonly list: TSchema };
  /** 200 unless something was made that has an id of its own from then on. */
  readonly status?: '201';
  /** It answers a table for spreadsheets as well, or instead. */
  readonly csv?: true;
  /** It answers JSON lines instead: what each line is, and one of them. */
  readonly lines?: { readonly about: string; readonly example: string };
  /** What can go wrong beside what its parts say. */
  readonly errors?: readonly ErrorCode[];
};

/** What a route that can be tried beforehand takes. */
export const DRY_RUN = DryRunQuerySchema as QuerySchema;

/** What a list that pages can refuse. */
export const PAGE_ERRORS: readonly ErrorCode[] = ['cursor_not_valid'];
