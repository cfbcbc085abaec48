import { type TSchema, Type } from 'typebox';

/**
 * One word of a closed list, from a table word → meaning. Tables satisfy `Record<State, string>`:
 * a state that core gains does not compile until the API says what it means.
 */
export function choiceOf<Word extends string>(meanings: Readonly<Record<Word, string>>) {
  const words = Object.keys(meanings) as Word[];
  return Type.Enum(words, {
    type: 'string',
    description: words.map((word) => `\`${word}\`: ${meanings[word]}`).join('\n'),
  });
}

/** `schema`, or null where there is nothing to say. Fields are always there: absent is null. */
export function orNull<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}
