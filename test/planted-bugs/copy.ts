import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Edit } from './mutations.ts';

/** What a run needs of the repository. */
const COPIED: readonly string[] = ['packages', 'test', 'tools', 'package.json', 'tsconfig.json'];

/** A copy of the repository that may be spoilt. The real tree is never written to. */
export class Copy {
  readonly path: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.path = mkdtempSync(join(tmpdir(), 'daikou-planted-'));
    for (const name of COPIED) {
      cpSync(join(root, name), join(this.path, name), {
        recursive: true,
        filter: (source) => !/[/\\](node_modules|dist|\.daikou)$/.test(source),
      });
    }
    this.#linkModules();
  }

  /** Everybody's packages are the installed ones, and ours are those of this copy. */
  #linkModules(): void {
    const modules = join(this.path, 'node_modules');
    mkdirSync(join(modules, '@daikou'), { recursive: true });
    for (const name of readdirSync(join(this.#root, 'node_modules'))) {
      if (name === '@daikou' || name === '.cache') continue;
      symlinkSync(join(this.#root, 'node_modules', name), join(modules, name));
    }
    for (const name of readdirSync(join(this.path, 'packages'))) {
      symlinkSync(join('..', '..', 'packages', name), join(modules, '@daikou', name));
    }
  }

  /** Makes the edits; throws when one of them does not stand in its file exactly once. */
  spoil(edits: readonly Edit[]): void {
    for (const { file, find, replace } of edits) {
      const path = join(this.path, file);
      const text = readFileSync(path, 'utf8');
      const places = text.split(find).length - 1;
      if (places !== 1) throw new Error(`${file} has the text to replace ${places} times`);
      writeFileSync(
        path,
        text.replace(find, () => replace),
      );
    }
  }

  /** Puts the files of these edits back as they are in the real tree. */
  heal(edits: readonly Edit[]): void {
    for (const { file } of edits) cpSync(join(this.#root, file), join(this.path, file));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
