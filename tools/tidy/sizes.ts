import type { Finding, Rule, Source } from './source.ts';
import { at, codeOf, isTest, lineAt, placeOf } from './source.ts';
import type { FunctionShape } from './syntax.ts';
import { syntaxOf } from './syntax.ts';

export const FUNCTION_LINES = 70;
/** A component is mostly markup. */
export const COMPONENT_LINES = 150;
export const CORE_FILE_LINES = 400;
export const FILE_LINES = 600;
export const LINE_LENGTH = 100;
export const PARAMETERS = 3;

type Found = Omit<Finding, 'rule'>;

/** A function fits on one screen; the callback of `describe` is a heading and does not count. */
export const functionSize: Rule = {
  name: 'function-size',
  check: (sources) =>
    codeOf(sources).flatMap((source) =>
      syntaxOf(source)
        .functions.filter(({ isSuite }) => !isSuite)
        .flatMap((shape) => findLong(source, shape)),
    ),
};

function findLong(source: Source, shape: FunctionShape): Found[] {
  const lines = lineAt(source, shape.end) - lineAt(source, shape.start) + 1;
  const isComponent = source.path.endsWith('.tsx') && /^[A-Z]/.test(shape.name);
  const limit = isComponent ? COMPONENT_LINES : FUNCTION_LINES;
  if (lines <= limit) return [];
  const advice = `split it into named steps of at most ${limit} lines`;
  return [at(source, shape.start, `${shape.name} has ${lines} lines; ${advice}`)];
}

/** A file has one subject. */
export const fileSize: Rule = {
  name: 'file-size',
  check: (sources) =>
    codeOf(sources).flatMap((source) => {
      const limit = placeOf(source.path)?.package === 'core' ? CORE_FILE_LINES : FILE_LINES;
      const lines = source.text.trimEnd().split('\n').length;
      if (lines <= limit) return [];
      return [at(source, 0, `has ${lines} lines; split it by subject, at most ${limit} lines`)];
    }),
};

/** Addresses and encoded keys cannot be broken. */
export const lineLength: Rule = {
  name: 'line-length',
  check: (sources) =>
    codeOf(sources).flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        const length = [...line].length;
        if (length <= LINE_LENGTH || /https?:\/\/|[A-Za-z0-9+/=]{60,}/.test(line)) return [];
        const message = `has ${length} characters; break it, at most ${LINE_LENGTH}`;
        return [{ path, line: index + 1, message }];
      }),
    ),
};

/** With four arguments a reader counts commas; an options object names them. */
export const parameterCount: Rule = {
  name: 'parameters',
  check: (sources) =>
    codeOf(sources)
      .filter(({ path }) => !isTest(path))
      .flatMap((source) =>
        syntaxOf(source)
          .functions.filter(({ parameters }) => parameters > PARAMETERS)
          .map(({ name, parameters, start }) =>
            at(source, start, `${name} takes ${parameters} arguments; take an options object`),
          ),
      ),
};

/** A file that does not parse hides from every other rule. */
export const parses: Rule = {
  name: 'parses',
  check: (sources) =>
    codeOf(sources).flatMap((source) => {
      const { error } = syntaxOf(source);
      return error === null ? [] : [at(source, 0, `does not parse: ${error}; repair the syntax`)];
    }),
};
